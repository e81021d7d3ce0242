//! Facts about the build that only the build knows: compiler, target features, lock file, versions of Rust peers.

use std::collections::hash_map::DefaultHasher;
use std::env;
use std::hash::{Hash, Hasher};
use std::path::Path;
use std::process::Command;

fn main() {
    let rustc = env::var("RUSTC").unwrap_or_else(|_| "rustc".into());
    let version = Command::new(rustc).arg("--version").output().ok();
    let version = version
        .map(|o| String::from_utf8_lossy(&o.stdout).trim().to_owned())
        .unwrap_or_default();
    println!("cargo::rustc-env=REGPATH_RUSTC={version}");
    let features = env::var("CARGO_CFG_TARGET_FEATURE").unwrap_or_default();
    println!("cargo::rustc-env=REGPATH_TARGET_CPU={features}");
    let root = env::var("CARGO_MANIFEST_DIR").unwrap_or_default();
    let lock = Path::new(&root).join("../../Cargo.lock");
    let mut hasher = DefaultHasher::new();
    std::fs::read(&lock).unwrap_or_default().hash(&mut hasher);
    println!(
        "cargo::rustc-env=REGPATH_LOCK_HASH={:016x}",
        hasher.finish()
    );
    let text = std::fs::read_to_string(&lock).unwrap_or_default();
    for package in ["linfa-elasticnet", "sparseglm"] {
        let variable = package.to_uppercase().replace('-', "_");
        println!(
            "cargo::rustc-env=REGPATH_{variable}={}",
            locked_version(&text, package)
        );
    }
    println!("cargo::rerun-if-changed={}", lock.display());
    println!("cargo::rerun-if-changed=build.rs");
}

/// Version of a package in the lock file, empty if it is not there.
fn locked_version(lock: &str, package: &str) -> String {
    let entry = format!("name = \"{package}\"\nversion = \"");
    let version = lock
        .split_once(&entry)
        .and_then(|(_, rest)| rest.split('"').next());
    version.unwrap_or_default().to_owned()
}
