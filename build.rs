//! Lays the release program out: what runs before the first frame and while a fleet is listed stands together, so
//! that starting touches few pages of a large program. `benches/order.py` writes the list.

use std::env;

/// Where the order of functions stands, for linkers that read a script with `INSERT`: GNU's and LLVM's.
const ORDER: &str = "benches/startup.ld";

fn main() {
    println!("cargo::rerun-if-changed={ORDER}");
    println!("cargo::rerun-if-changed=build.rs");
    let told = |name: &str| env::var(name).unwrap_or_default();
    let linux = told("CARGO_CFG_TARGET_OS") == "linux" && told("CARGO_CFG_TARGET_ENV") == "gnu";
    // Another linker than the toolchain's own may not know such a script; the program is the same without.
    let own = told("RUSTC_LINKER").is_empty() && !told("CARGO_ENCODED_RUSTFLAGS").contains("link");
    if linux && own && told("PROFILE") == "release" {
        println!("cargo::rustc-link-arg-bins=-Wl,-T,{}/{ORDER}", told("CARGO_MANIFEST_DIR"));
    }
}
