//! Two things are done before the program is built, both so that it starts sooner.
//!
//! The shipped keymaps are read: the program carries their bindings one a line and parses no TOML for them. And the
//! release program is laid out: what runs before the first frame and while a fleet is listed stands together, so that
//! starting touches few pages of a large program. `benches/order.py` writes the list.

use std::error::Error;
use std::path::Path;
use std::{env, fs};
use toml::de::{DeTable, DeValue};

/// Where the order of functions stands, for linkers that read a script with `INSERT`: GNU's and LLVM's.
const ORDER: &str = "benches/startup.ld";

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=build.rs");
    lay_out();
    read_keymaps(&Path::new(&env::var("OUT_DIR")?).join("keymaps"))
}

fn lay_out() {
    println!("cargo::rerun-if-changed={ORDER}");
    let told = |name: &str| env::var(name).unwrap_or_default();
    let linux = told("CARGO_CFG_TARGET_OS") == "linux" && told("CARGO_CFG_TARGET_ENV") == "gnu";
    // Another linker than the toolchain's own may not know such a script; the program is the same without.
    let own = told("RUSTC_LINKER").is_empty() && !told("CARGO_ENCODED_RUSTFLAGS").contains("link");
    if linux && own && told("PROFILE") == "release" {
        println!("cargo::rustc-link-arg-bins=-Wl,-T,{}/{ORDER}", told("CARGO_MANIFEST_DIR"));
    }
}

/// Writes a file per keymap, without an extension: a line is context, keys, command and note with tabs between, or
/// `inherits` and a name. What is wrong in a keymap is a matter of the tests, which read the TOML too.
fn read_keymaps(out: &Path) -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=keymaps");
    if out.exists() {
        fs::remove_dir_all(out)?;
    }
    fs::create_dir_all(out)?;
    for entry in fs::read_dir("keymaps")? {
        let path = entry?.path();
        let (Some(name), true) = (path.file_stem(), path.extension().is_some_and(|e| e == "toml")) else {
            continue;
        };
        let text = fs::read_to_string(&path)?;
        let file = DeTable::parse(&text).map_err(|e| format!("{}: {e}", path.display()))?;
        let lines = lines(file.get_ref()).map_err(|e| format!("{}: {e}", path.display()))?;
        fs::write(out.join(name), lines)?;
    }
    Ok(())
}

fn lines(file: &DeTable<'_>) -> Result<String, String> {
    let mut lines = String::new();
    // As the file has them, whatever order the table keeps: help and the README list them so.
    let mut contexts: Vec<_> = file.iter().collect();
    contexts.sort_by_key(|(context, _)| context.span().start);
    for (context, bindings) in contexts {
        let context = context.get_ref();
        if let Some(parent) = bindings.get_ref().as_str() {
            lines.push_str(&format!("{context}\t{parent}\n"));
            continue;
        }
        for binding in bindings.get_ref().as_array().into_iter().flat_map(|list| list.iter()) {
            let binding =
                binding.get_ref().as_table().ok_or_else(|| format!("[{context}] holds no table"))?;
            let field =
                |name: &str| binding.get(name).map_or(Ok(String::new()), |value| words(value.get_ref()));
            let fields = [context.to_string(), field("on")?, field("run")?, field("desc")?];
            if fields.iter().any(|field| field.contains(['\t', '\n'])) {
                return Err(format!("a tab or a line's end in [{context}]"));
            }
            lines.push_str(&fields.join("\t"));
            lines.push('\n');
        }
    }
    Ok(lines)
}

/// A text, or a list of texts with blanks between.
fn words(value: &DeValue<'_>) -> Result<String, String> {
    let text = |value: &DeValue<'_>| value.as_str().map(str::to_owned).ok_or_else(|| "not a text".to_owned());
    match value {
        DeValue::Array(many) => {
            many.iter().map(|one| text(one.get_ref())).collect::<Result<Vec<_>, _>>().map(|all| all.join(" "))
        }
        one => text(one),
    }
}
