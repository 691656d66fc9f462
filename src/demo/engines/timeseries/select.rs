//! Queries: FROM one table or subquery, WHERE, GROUP BY, HAVING, ORDER BY, LIMIT. What else SQL has
//! is refused and never left out.

use super::expression::{Over, aggregates, column_name, value};
use super::value::{Kind, Relation, Value};
use super::{Said, points};
use crate::model::Moment;
use sqlparser::ast::{
    Distinct, Expr, GroupByExpr, LimitClause, ObjectName, OrderByKind, OrderBySort, Query, Select,
    SelectItem, SetExpr, TableAlias, TableFactor, Value as Literal,
};
use std::cmp::Ordering;
use std::collections::{HashMap, HashSet};

/// Where a query stands: its time, and the relations that WITH named.
#[derive(Clone)]
pub struct Place {
    now: Moment,
    named: HashMap<String, Relation>,
}

impl Place {
    /// At the top, at `now`.
    pub fn new(now: Moment) -> Self {
        Self { now, named: HashMap::new() }
    }
}

fn refused<T>(what: &str) -> Said<T> {
    Err(format!("the demo does not know {what}"))
}

/// Answers a query.
///
/// # Errors
/// What is wrong with it, or what the demo does not know.
pub fn query(query: &Query, outer: &Place) -> Said<Relation> {
    let mut place = outer.clone();
    if let Some(with) = &query.with {
        if with.recursive {
            return refused("WITH RECURSIVE");
        }
        for cte in &with.cte_tables {
            let relation = self::query(&cte.query, &place)?;
            place.named.insert(cte.alias.name.value.to_lowercase(), renamed(relation, &cte.alias)?);
        }
    }
    let odd = query.fetch.is_some()
        || !query.locks.is_empty()
        || query.for_clause.is_some()
        || query.settings.is_some()
        || query.format_clause.is_some()
        || !query.pipe_operators.is_empty();
    if odd {
        return refused("this clause behind the query");
    }
    let order: Vec<(&Expr, bool)> = match &query.order_by {
        None => Vec::new(),
        Some(order) => match &order.kind {
            OrderByKind::Expressions(all) => {
                all.iter().map(|by| (&by.expr, matches!(by.options.sort, Some(OrderBySort::Desc)))).collect()
            }
            OrderByKind::All(_) => return refused("ORDER BY ALL"),
        },
    };
    let mut relation = match &*query.body {
        SetExpr::Select(select) => self::select(select, &order, &place)?,
        SetExpr::Query(inner) if order.is_empty() => self::query(inner, &place)?,
        _ => return refused("UNION and its like"),
    };
    limit(&mut relation, query.limit_clause.as_ref())?;
    Ok(relation)
}

fn renamed(mut relation: Relation, alias: &TableAlias) -> Said<Relation> {
    if alias.columns.is_empty() {
        return Ok(relation);
    }
    if alias.columns.len() != relation.columns.len() {
        return Err("the names do not fit the columns".to_owned());
    }
    for (column, name) in relation.columns.iter_mut().zip(&alias.columns) {
        column.0.clone_from(&name.name.value);
    }
    Ok(relation)
}

fn limit(relation: &mut Relation, clause: Option<&LimitClause>) -> Said<()> {
    let number = |expr: &Expr| match expr {
        Expr::Value(v) => match &v.value {
            Literal::Number(digits, _) => digits.parse::<usize>().map_err(|e| e.to_string()),
            _ => refused("this LIMIT"),
        },
        _ => refused("this LIMIT"),
    };
    match clause {
        None => Ok(()),
        Some(LimitClause::LimitOffset { limit, offset, limit_by }) if limit_by.is_empty() => {
            if let Some(offset) = offset {
                let skipped = number(&offset.value)?.min(relation.rows.len());
                relation.rows.drain(..skipped);
            }
            if let Some(limit) = limit {
                relation.rows.truncate(number(limit)?);
            }
            Ok(())
        }
        Some(_) => refused("this LIMIT"),
    }
}

/// The relation in FROM, and its own name.
fn source(select: &Select, place: &Place) -> Said<(Relation, String)> {
    let one = match select.from.as_slice() {
        [] => return Ok((Relation { columns: Vec::new(), rows: vec![Vec::new()] }, String::new())),
        [one] if one.joins.is_empty() => one,
        _ => return refused("joins"),
    };
    match &one.relation {
        TableFactor::Table { name, alias, args: None, sample: None, .. } => {
            let own = alias.as_ref().map(|a| a.name.value.clone());
            let full = spelled(name);
            let last = full.rsplit('.').next().unwrap_or_default().to_owned();
            let relation = match place.named.get(&full.to_lowercase()) {
                Some(relation) => relation.clone(),
                None => points(&full, place.now)?,
            };
            match alias {
                Some(alias) => Ok((renamed(relation, alias)?, own.unwrap_or(last))),
                None => Ok((relation, last)),
            }
        }
        TableFactor::Derived { lateral: false, subquery, alias, sample: None } => {
            let relation = query(subquery, place)?;
            match alias {
                Some(alias) => Ok((renamed(relation, alias)?, alias.name.value.clone())),
                None => Ok((relation, String::new())),
            }
        }
        other => refused(&other.to_string()),
    }
}

fn spelled(name: &ObjectName) -> String {
    let parts = name.0.iter().filter_map(|part| part.as_ident()).map(|ident| ident.value.as_str());
    parts.collect::<Vec<_>>().join(".")
}

/// Clauses that other SQLs have.
fn check(select: &Select) -> Said<()> {
    let odd = select.top.is_some()
        || select.exclude.is_some()
        || select.into.is_some()
        || !select.lateral_views.is_empty()
        || select.prewhere.is_some()
        || !select.connect_by.is_empty()
        || !select.cluster_by.is_empty()
        || !select.distribute_by.is_empty()
        || !select.sort_by.is_empty()
        || !select.named_window.is_empty()
        || select.qualify.is_some()
        || matches!(select.distinct, Some(Distinct::On(_)));
    if odd { refused("this clause of SELECT") } else { Ok(()) }
}

/// What is selected: expressions with their names.
fn projection(select: &Select, columns: &[(String, Kind)]) -> Said<Vec<(Expr, String)>> {
    let mut all = Vec::new();
    for (at, item) in select.projection.iter().enumerate() {
        match item {
            SelectItem::Wildcard(_) | SelectItem::QualifiedWildcard(..) => {
                all.extend(columns.iter().map(|(name, _)| {
                    (Expr::Identifier(sqlparser::ast::Ident::with_quote('"', name)), name.clone())
                }));
            }
            SelectItem::UnnamedExpr(expr) => {
                let name = column_name(expr).unwrap_or_else(|| format!("_col{at}"));
                all.push((expr.clone(), name));
            }
            SelectItem::ExprWithAlias { expr, alias } => all.push((expr.clone(), alias.value.clone())),
            other @ SelectItem::ExprWithAliases { .. } => return refused(&other.to_string()),
        }
    }
    Ok(all)
}

/// `1` as the first thing that is selected, a name as what was called so.
fn meant(expr: &Expr, projected: &[(Expr, String)], names: bool) -> Said<Expr> {
    if let Expr::Value(v) = expr
        && let Literal::Number(digits, _) = &v.value
    {
        let at = digits.parse::<usize>().ok().and_then(|n| n.checked_sub(1));
        let found = at.and_then(|at| projected.get(at));
        return found
            .map(|(e, _)| e.clone())
            .ok_or_else(|| format!("position {digits} is not in the select list"));
    }
    if names
        && let Expr::Identifier(name) = expr
        && let Some((e, _)) = projected.iter().find(|(_, own)| own.eq_ignore_ascii_case(&name.value))
    {
        return Ok(e.clone());
    }
    Ok(expr.clone())
}

fn select(select: &Select, order: &[(&Expr, bool)], place: &Place) -> Said<Relation> {
    check(select)?;
    let (relation, table) = source(select, place)?;
    let now = place.now.epoch_ms().cast_signed();
    let over = |row| Over { columns: &relation.columns, table: &table, row, group: None, now };
    let mut rows: Vec<&[Value]> = Vec::new();
    for row in &relation.rows {
        let kept = match &select.selection {
            Some(condition) => value(condition, &over(row))?.holds(),
            None => true,
        };
        if kept {
            rows.push(row);
        }
    }
    let projected = projection(select, &relation.columns)?;
    let by: Vec<Expr> = match &select.group_by {
        GroupByExpr::Expressions(all, modifiers) if modifiers.is_empty() => {
            all.iter().map(|e| meant(e, &projected, false)).collect::<Said<_>>()?
        }
        _ => return refused("this GROUP BY"),
    };
    let order: Vec<(Expr, bool)> =
        order.iter().map(|(e, desc)| Ok((meant(e, &projected, true)?, *desc))).collect::<Said<_>>()?;
    let wanted = projected.iter().map(|(e, _)| e).chain(order.iter().map(|(e, _)| e)).chain(&select.having);
    let grouped = !by.is_empty() || wanted.into_iter().any(aggregates);
    let mut out: Vec<(Vec<Value>, Vec<Value>)> = Vec::new();
    let mut take = |over: &Over<'_>| -> Said<()> {
        if let Some(having) = &select.having
            && !value(having, over)?.holds()
        {
            return Ok(());
        }
        let row = projected.iter().map(|(e, _)| value(e, over)).collect::<Said<_>>()?;
        let keys = order.iter().map(|(e, _)| value(e, over)).collect::<Said<_>>()?;
        out.push((row, keys));
        Ok(())
    };
    if grouped {
        let nothing: Vec<Value> = vec![Value::Null; relation.columns.len()];
        for group in groups(&rows, &by, &over)? {
            let first = group.first().copied().unwrap_or(&nothing);
            take(&Over { group: Some((&group, &by)), ..over(first) })?;
        }
    } else {
        for row in rows {
            take(&over(row))?;
        }
    }
    let descending: Vec<bool> = order.iter().map(|(_, desc)| *desc).collect();
    out.sort_by(|(_, a), (_, b)| compare(a, b, &descending));
    let mut rows: Vec<Vec<Value>> = out.into_iter().map(|(row, _)| row).collect();
    if matches!(select.distinct, Some(Distinct::Distinct)) {
        let mut seen = HashSet::new();
        rows.retain(|row| seen.insert(row.iter().map(Value::key).collect::<Vec<_>>()));
    }
    let kind = |at: usize| {
        let mut known = rows.iter().filter_map(|row| row.get(at)).filter(|v| **v != Value::Null);
        known.next().map_or(Kind::Varchar, Value::kind)
    };
    let columns = projected.iter().enumerate().map(|(at, (_, name))| (name.clone(), kind(at))).collect();
    Ok(Relation { columns, rows })
}

fn compare(a: &[Value], b: &[Value], descending: &[bool]) -> Ordering {
    let each = a.iter().zip(b).zip(descending).map(|((a, b), descending)| {
        // NULL is last either way.
        if *descending && *a != Value::Null && *b != Value::Null { b.order(a) } else { a.order(b) }
    });
    each.fold(Ordering::Equal, Ordering::then)
}

/// The rows that fall together, in the order in which each group first came.
fn groups<'r, 'o>(
    rows: &[&'r [Value]],
    by: &[Expr],
    over: &impl Fn(&'r [Value]) -> Over<'o>,
) -> Said<Vec<Vec<&'r [Value]>>>
where
    'r: 'o,
{
    if by.is_empty() {
        return Ok(vec![rows.to_vec()]);
    }
    let (mut found, mut all) = (HashMap::new(), Vec::new());
    for row in rows {
        let key: Vec<String> = by.iter().map(|e| Ok(value(e, &over(row))?.key())).collect::<Said<_>>()?;
        let at = *found.entry(key).or_insert(all.len());
        if at == all.len() {
            all.push(Vec::new());
        }
        if let Some(group) = all.get_mut(at) {
            group.push(*row);
        }
    }
    Ok(all)
}
