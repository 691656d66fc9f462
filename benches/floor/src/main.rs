//! The floors that dbdeck's figures are ratios of: the least a program of its kind can do.
//!
//! `floor hello [ROWS]` draws one table with ratatui and waits for keys; nothing ticks.
//! `floor rows PORT CA SQL` takes a whole result from PostgreSQL over verified TLS, as text, into one buffer
//! and a list of offsets (password: `PGPASSWORD`), and prints its times in ms and the rows.

use std::error::Error;
use std::io::Write;
use std::sync::Arc;
use std::time::Instant;

use crossterm::event::{Event, KeyCode, read};
use futures_util::StreamExt;
use ratatui::layout::Constraint;
use ratatui::style::{Modifier, Style};
use ratatui::widgets::{Block, Row, Table, TableState};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use tokio_postgres::SimpleQueryMessage;
use tokio_postgres_rustls::MakeRustlsConnect;

type Done = Result<(), Box<dyn Error>>;

fn main() -> Done {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["hello"] => hello(60),
        ["hello", rows] => hello(rows.parse()?),
        ["rows", port, ca, sql] => {
            tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(rows(port, ca, sql))
        }
        _ => Err("usage: floor hello [ROWS] | floor rows PORT CA SQL".into()),
    }
}

/// A table of `count` rows; arrows move the selection, `q` ends it.
fn hello(count: usize) -> Done {
    let rows: Vec<[String; 5]> = (0..count)
        .map(|i| {
            let size = (20 + i).to_string();
            [format!("db-{i:04}"), "db.r6g.large".into(), "postgres".into(), "available".into(), size]
        })
        .collect();
    let widths = [20, 20, 12, 12, 8].map(Constraint::Length);
    let mut terminal = ratatui::try_init()?;
    let mut state = TableState::default().with_selected(Some(0));
    loop {
        terminal.draw(|frame| {
            let table = Table::new(rows.iter().map(|r| Row::new(r.iter().map(String::as_str))), widths)
                .header(Row::new(["name", "class", "engine", "status", "GiB"]))
                .row_highlight_style(Style::new().add_modifier(Modifier::REVERSED))
                .block(Block::bordered().title(" floor "));
            frame.render_stateful_widget(table, frame.area(), &mut state);
        })?;
        loop {
            match read()? {
                Event::Key(key) if key.code == KeyCode::Char('q') => return Ok(ratatui::try_restore()?),
                Event::Key(key) if key.code == KeyCode::Down => state.select_next(),
                Event::Key(key) if key.code == KeyCode::Up => state.select_previous(),
                Event::Key(_) => continue,
                _ => {}
            }
            break;
        }
    }
}

/// Keeps every value of `sql` and says when the first and the last row came.
async fn rows(port: &str, ca: &str, sql: &str) -> Done {
    let mut roots = rustls::RootCertStore::empty();
    for certificate in CertificateDer::pem_file_iter(ca)? {
        roots.add(certificate?)?;
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let tls = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_root_certificates(roots)
        .with_no_client_auth();
    let (client, connection) = tokio_postgres::Config::new()
        .host("localhost")
        .port(port.parse()?)
        .user("postgres")
        .password(std::env::var("PGPASSWORD")?)
        .dbname("shop")
        .connect(MakeRustlsConnect::new(tls))
        .await?;
    tokio::spawn(connection);
    let begun = Instant::now();
    let (mut first, mut count) = (None, 0_u64);
    let (mut kept, mut ends) = (Vec::new(), Vec::new());
    let mut answer = std::pin::pin!(client.simple_query_raw(sql).await?);
    while let Some(message) = answer.next().await {
        let SimpleQueryMessage::Row(row) = message? else { continue };
        first.get_or_insert_with(|| begun.elapsed());
        count += 1;
        for column in 0..row.len() {
            kept.extend_from_slice(row.try_get(column)?.unwrap_or_default().as_bytes());
            ends.push(u32::try_from(kept.len())?);
        }
    }
    let (first, all) = (first.unwrap_or_default(), begun.elapsed());
    let (first, all) = (first.as_secs_f64() * 1e3, all.as_secs_f64() * 1e3);
    writeln!(std::io::stdout(), "{first:.2} {all:.2} {count}")?;
    Ok(())
}
