// SPDX-License-Identifier: BSL-1.0

//! Compiles pruneplan_c.cpp with `$CXX`, or `c++`, and links it statically. Needs a C++20 compiler and `ar`, no crate.
//!
//! The sources are in the folders `examples/c_api` and `include` of pruneplan's tree, which this crate is in. To move the
//! crate, set `PRUNEPLAN_ROOT` to the tree.
//!
//! Environment: `CXX`, `CXXFLAGS`, `AR`, and `CXXSTDLIB`, the C++ library to link: `stdc++`, or `c++` on macOS and BSD.

use std::env;
use std::path::PathBuf;
use std::process::Command;

fn variable(name: &str) -> Option<String> {
    println!("cargo:rerun-if-env-changed={}", name);
    env::var(name).ok().filter(|value| !value.is_empty())
}

fn run(command: &mut Command) {
    match command.status() {
        Ok(status) if status.success() => (),
        Ok(status) => panic!("{:?} failed: {}", command, status),
        Err(error) => panic!("cannot run {:?}: {}: install a C++20 compiler, or set CXX and AR", command, error),
    }
}

fn main() {
    let crate_folder = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").unwrap());
    let out = PathBuf::from(env::var_os("OUT_DIR").unwrap());
    let root = variable("PRUNEPLAN_ROOT").map_or_else(|| crate_folder.join("../../.."), PathBuf::from);
    let (api, include) = (root.join("examples/c_api"), root.join("include"));
    let source = api.join("pruneplan_c.cpp");
    assert!(source.exists(), "{} does not exist: set PRUNEPLAN_ROOT to pruneplan's tree", source.display());
    for input in [&source, &api.join("pruneplan.h"), &include] {
        println!("cargo:rerun-if-changed={}", input.display());
    }
    println!("cargo:rerun-if-changed=build.rs");

    let object = out.join("pruneplan_c.o");
    let mut compile = Command::new(variable("CXX").unwrap_or_else(|| "c++".to_string()));
    compile.args(["-std=c++20", "-O2", "-g", "-fPIC", "-fvisibility=hidden", "-I"]).arg(&include);
    if env::var("PROFILE").as_deref() == Ok("release") {
        compile.arg("-DNDEBUG"); // a wrapper cannot use a handle that is freed
    }
    compile.args(variable("CXXFLAGS").unwrap_or_default().split_whitespace());
    run(compile.arg("-c").arg(&source).arg("-o").arg(&object));

    let library = out.join("libpruneplan_c.a");
    let _ = std::fs::remove_file(&library); // `ar` would add to it
    run(Command::new(variable("AR").unwrap_or_else(|| "ar".to_string())).arg("crs").arg(&library).arg(&object));

    let target = env::var("CARGO_CFG_TARGET_OS").unwrap();
    let default = if ["macos", "ios", "freebsd", "openbsd"].contains(&target.as_str()) { "c++" } else { "stdc++" };
    println!("cargo:rustc-link-search=native={}", out.display());
    println!("cargo:rustc-link-lib=static=pruneplan_c");
    println!("cargo:rustc-link-lib=dylib={}", variable("CXXSTDLIB").unwrap_or_else(|| default.to_string()));
}
