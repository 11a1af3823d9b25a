//! `trainer setup`: libtorch in the user's cache, and its place in the crate at hand.

use crate::cargo_config::{ConfigFile, what_hides_it};
use crate::libtorch::{Choice, Home, Options, ensure};
use crate::prerequisites::check_compilers;
use anyhow::Result;

/// Bring libtorch, unless it is there or `LIBTORCH` names the user's own, and write its place into the `.cargo/config.toml` of
/// the crate that the current folder belongs to. What the file holds besides stays; a second call changes nothing. Outside of
/// a crate only libtorch is brought.
pub fn run(options: &Options) -> Result<()> {
    let config = ConfigFile::find()?;
    let home = Home::in_cache()?;
    if let Some(config) = &config {
        // Before anything large is downloaded.
        check_compilers()?;
        config.state(Choice::of(&home)?.folder())?;
    }
    let libtorch = ensure(&home, options)?;
    let Some(config) = config else {
        println!(
            "no Cargo.toml here or above: run `trainer setup` in a crate to let it find this libtorch"
        );
        return Ok(());
    };
    let done = if config.write(&libtorch)? {
        "now leads there"
    } else {
        "leads there already"
    };
    println!("{} {done}", config.path().display());
    for (problem, fix) in what_hides_it(config.path()) {
        println!("note: {problem}\nfix:  {fix}");
    }
    Ok(())
}
