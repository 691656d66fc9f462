//! `query`: one statement on the database behind a resource.

use super::find;
use super::output;
use crate::cli::{OutputFormat, Query};
use crate::clock;
use crate::guard::{Cleared, clear, statement::ELEVATE};
use crate::model::{
    Backend, DialectId, EndpointRole, Failure, FailureKind, Limits, SafeText, Statement, Summary, Target,
};
use crate::query::engines::{cancel, engine_for};
use crate::query::{Explain, How, Login, Progress, RowReader, Secret, Session, Sink, export, store};
use crate::setup::Setup;
use std::io::{IsTerminal, Read};
use std::sync::Arc;

/// Rows held in memory before they go to a file: headless output is written once, at the end.
const MEMORY: usize = 16 << 20;

/// How long an elevation for one statement lasts, in ms.
const WINDOW_MS: u64 = 60 * 60 * 1_000;

/// Runs the statement and writes its rows.
pub async fn run(setup: &Setup, asked: &Query) -> Result<u8, Failure> {
    let text = statement_text(asked)?;
    let (named, database) = split_database(&asked.resource);
    let found = find::resource(setup, named).await?;
    let resource = &found.detail.resource;
    let Some(backend) = &resource.backend else {
        let why = resource.no_query.clone().unwrap_or_else(|| "it has no query engine".into());
        return Err(Failure::new(FailureKind::Usage, format!("query {named}"), why));
    };
    let dialect = language(asked, backend)?;
    let how = how(asked)?;
    let statement = Statement { text: text.into(), dialect };
    let cleared = clear_statement(setup, asked, statement)?;
    let target = target(asked, resource.id.clone(), backend.clone(), database)?;
    let login = login_of(setup, asked, &target)?;
    let engine = engine_for(&target, found.reach.clone(), &setup.engines)?;
    let tell = |progress: Progress| {
        if let Progress::Connecting(stage) = progress
            && std::io::stderr().is_terminal()
        {
            output::say(&format!("dbdeck: {stage}"));
        }
    };
    let mut session = engine.open(&target, &login, cleared.changes(), &tell).await?;
    session.arrange(dialect, how)?;
    let limits = Limits { rows: asked.max_rows.unwrap_or(u64::MAX - 1), ..Limits::default() };
    let (rows, summary) = run_cancellable(session.as_mut(), &cleared, limits).await?;
    write(&rows, asked.format)?;
    report(&summary);
    Ok(0)
}

/// Runs to the end, or until Ctrl-C, which cancels on the server first.
async fn run_cancellable(
    session: &mut dyn Session,
    cleared: &Cleared<Statement>,
    limits: Limits,
) -> Result<(RowReader, Summary), Failure> {
    let (writer, reader) = store::store(MEMORY);
    let mut sink = Sink::new(writer, |_| {});
    let canceller = session.canceller();
    let ended = {
        let mut running = session.run(cleared, limits, &mut sink);
        tokio::select! {
            ended = &mut running => ended,
            _ = tokio::signal::ctrl_c() => {
                output::say("dbdeck: cancelling on the server …");
                // It may have ended before the server heard: then that is how it ended.
                cancel::stop(canceller.as_ref(), &mut running, cleared.changes()).await.and_then(|ended| ended)
            }
        }
    };
    Ok((reader, ended?))
}

fn statement_text(asked: &Query) -> Result<String, Failure> {
    if let Some(text) = asked.statement.as_deref().filter(|s| *s != "-") {
        return Ok(text.to_owned());
    }
    let unread = |why: String| Failure::new(FailureKind::Usage, "read the statement", why);
    let mut stdin = std::io::stdin().lock();
    if asked.statement.is_none() && stdin.is_terminal() {
        return Err(
            unread("none was given".into()).hint("give it as an argument, or - to read standard input")
        );
    }
    let mut text = String::new();
    stdin.read_to_string(&mut text).map_err(|e| unread(e.to_string()))?;
    Ok(text)
}

/// `SERVICE:ID/DATABASE` into resource and database. Identifiers never hold a slash.
fn split_database(resource: &str) -> (&str, Option<&str>) {
    match resource.split_once('/') {
        Some((named, database)) if !database.is_empty() => (named, Some(database)),
        Some((named, _)) => (named, None),
        None => (resource, None),
    }
}

/// The language of the statement: the one named, or the usual one of the database.
fn language(asked: &Query, backend: &Backend) -> Result<DialectId, Failure> {
    let Some(named) = asked.language.as_deref() else { return Ok(backend.dialect) };
    let all = backend.languages();
    all.iter().copied().find(|l| l.language().eq_ignore_ascii_case(named)).ok_or_else(|| {
        let names: Vec<_> = all.iter().map(|l| l.language()).collect();
        let why = format!("it speaks {}", names.join(", "));
        Failure::new(FailureKind::Usage, format!("query {}", asked.resource), why)
    })
}

/// Parameters and mode, as the flags give them.
fn how(asked: &Query) -> Result<How, Failure> {
    let usage = |why: String| Failure::new(FailureKind::Usage, "run the statement", why);
    let pair = |text: &String| {
        let (name, json) = text.split_once('=').ok_or_else(|| {
            usage(format!("{} is not NAME=JSON", SafeText::new(text))).hint("as in --param n=3")
        })?;
        Ok((name.trim().trim_start_matches('$').to_owned(), json.trim().to_owned()))
    };
    let explain = asked.explain.as_deref().map(|word| {
        Explain::from_word(word).ok_or_else(|| {
            usage(format!("there is no mode {}", SafeText::new(word))).hint("static, dynamic or details")
        })
    });
    Ok(How {
        params: asked.params.iter().map(pair).collect::<Result<_, Failure>>()?,
        explain: explain.transpose()?,
    })
}

/// [`ELEVATE`] in the words of a command line.
const ELEVATE_ONCE: &str = "--elevate REASON allows this one statement";

fn clear_statement(
    setup: &Setup,
    asked: &Query,
    statement: Statement,
) -> Result<Cleared<Statement>, Failure> {
    let access = setup.reaches.access();
    if let Some(reason) = &asked.elevate {
        access
            .elevate(reason, WINDOW_MS)
            .map_err(|why| Failure::new(FailureKind::Refused, "allow changes", why))?;
    }
    clear(&access.read(), clock::now(), statement).map_err(|mut refusal| {
        if !access.read().is_sealed() {
            // The same advice in the words of a command line.
            let ours = refusal.instead.as_ref().map(|told| told.as_str().replace(ELEVATE, ELEVATE_ONCE));
            refusal.instead = ours.map(SafeText::new);
        }
        refusal.into()
    })
}

fn target(
    asked: &Query,
    resource: crate::model::ResourceId,
    backend: Backend,
    database: Option<&str>,
) -> Result<Target, Failure> {
    let usage = |why: &str| Failure::new(FailureKind::Usage, format!("query {}", asked.resource), why);
    let engine = if asked.data_api {
        backend.api().ok_or_else(|| usage("its RDS Data API (HTTP endpoint) is off"))?
    } else if asked.wire {
        backend.wire().ok_or_else(|| usage("it has no wire protocol of its own"))?
    } else {
        // An address is somewhere to connect to.
        asked.address.as_ref().and_then(|_| backend.wire()).unwrap_or(backend.engine)
    };
    let writer = |e: &&crate::model::Endpoint| e.role == EndpointRole::Writer;
    let first = backend.endpoints.first();
    let endpoint = if asked.writer || asked.elevate.is_some() {
        backend.endpoints.iter().find(writer).or(first)
    } else {
        first
    };
    let address = match &asked.address {
        None => None,
        Some(text) => {
            let parsed =
                text.rsplit_once(':').and_then(|(host, port)| Some((host, port.parse::<u16>().ok()?)));
            let (host, port) = parsed.ok_or_else(|| usage("--address is not HOST:PORT"))?;
            Some((Arc::from(host.trim_start_matches('[').trim_end_matches(']')), port))
        }
    };
    Ok(Target {
        resource,
        engine,
        endpoint: endpoint.cloned(),
        address,
        secret: asked.secret.as_deref().map(Arc::from),
        database: database.map(Arc::from).or_else(|| backend.database.clone()),
        // A secret knows its own user.
        user: match (&asked.user, &asked.secret) {
            (Some(user), _) => Some(user.as_str().into()),
            (None, Some(_)) => None,
            (None, None) => backend.user.clone(),
        },
        backend,
    })
}

fn login_of(setup: &Setup, asked: &Query, target: &Target) -> Result<Login, Failure> {
    if asked.iam {
        return Ok(Login::Iam);
    }
    if let Some(secret) = &target.secret {
        return Ok(Login::Secret(secret.clone()));
    }
    if let Some(fd) = asked.password_fd {
        return password_from(fd).map(Login::Password);
    }
    if let Some(login) = setup.engines.login(target) {
        return Ok(login);
    }
    let user = target.user.as_deref().unwrap_or("the user");
    if !std::io::stdin().is_terminal() {
        return Err(Failure::new(
            FailureKind::Login,
            "log in",
            "a password is needed and there is no terminal to ask at",
        )
        .hint("--password-fd N, --secret ARN or --iam"));
    }
    let prompt = format!("Password of {}: ", SafeText::new(user));
    rpassword::prompt_password(prompt)
        .map(|password| Login::Password(Secret::new(password)))
        .map_err(|e| Failure::new(FailureKind::Login, "read the password", e.to_string()))
}

/// One line from an open file descriptor, by its name in the file system.
fn password_from(fd: i32) -> Result<Secret, Failure> {
    let unread = |why: String| Failure::new(FailureKind::Usage, format!("read --password-fd {fd}"), why);
    let mut text = String::new();
    std::fs::File::open(format!("/dev/fd/{fd}"))
        .and_then(|mut file| file.read_to_string(&mut text))
        .map_err(|e| unread(e.to_string()))?;
    Ok(Secret::new(text.lines().next().unwrap_or_default()))
}

fn write(rows: &RowReader, format: OutputFormat) -> Result<(), Failure> {
    if rows.columns().is_empty() && rows.rows() == 0 {
        // A DynamoDB answer without items has no columns: an empty array is still JSON.
        if format == OutputFormat::Json {
            output::bytes(b"[]\n")?;
        }
        return Ok(());
    }
    let mut out = std::io::BufWriter::new(std::io::stdout().lock());
    let all = 0..rows.rows();
    let written = match format {
        OutputFormat::Table => export::write_table(rows, all, &mut out),
        OutputFormat::Csv => export::write_csv(rows, all, b',', false, &mut out),
        OutputFormat::Json => export::write_json(rows, all, &mut out),
        OutputFormat::Jsonl => export::write_jsonl(rows, all, &mut out),
    };
    match written.and_then(|()| std::io::Write::flush(&mut out)) {
        Err(e) if e.kind() != std::io::ErrorKind::BrokenPipe => {
            Err(Failure::new(FailureKind::Usage, "write the rows", e.to_string()))
        }
        _ => Ok(()),
    }
}

fn report(summary: &Summary) {
    let changed = summary.changed.map(|n| format!(", {n} changed")).unwrap_or_default();
    output::say(&format!("dbdeck: {} rows{changed} in {} ms", summary.rows, summary.took_ms));
    for note in &summary.notes {
        output::say(&format!("dbdeck: {note}"));
    }
    if summary.truncated {
        output::say("dbdeck: TRUNCATED: the result has more rows than were taken");
    }
}
