//! Several installers at the same time.

use super::{DBAAS, IMAGE, NEW, OLD, OLD_IMAGE, Outcome, State, VM, WAIT, at_the_same_time, conflicts};

/// Two and four installers that do the same: everything is created once.
pub(crate) fn the_same(state: &State) -> Outcome {
    at_the_same_time([2, 4], |count| {
        let mut place = state.place(&format!("at-once-{count}"));
        place.operators.push(VM);
        let version = format!("{DBAAS}={OLD}");
        let arguments = ["--version", &*version];
        let programs: Result<Vec<_>, _> = (0..count).map(|_| place.start("install", &arguments)).collect();
        for program in programs? {
            program.ends(WAIT)?.with(0)?;
        }
        place.nothing_half_approved(&[place.bundles(OLD)])?;
        place.is_installed(OLD, 1)?;
        let programs: Result<Vec<_>, _> = (0..count).map(|_| place.start("approve", &[DBAAS])).collect();
        let mut upgraded = 0;
        for program in programs? {
            let ended = program.ends(WAIT)?;
            // A late one finds nothing to approve.
            if ended.code == 0 { upgraded += 1 } else { ended.saying(2, &["no upgrade of dbaas-operator waits"])? }
        }
        if upgraded == 0 {
            return Err("nobody upgraded".into());
        }
        place.is_installed(NEW, 2)?;
        let programs: Result<Vec<_>, _> = (0..count).map(|_| place.start("uninstall", &["--namespaces"])).collect();
        for program in programs? {
            program.ends(WAIT)?.with(0)?;
        }
        place.is_removed()
    })
}

/// Two with different images: each ends successfully or explains why not, and the last run wins.
pub(crate) fn of_two_images(state: &State) -> Outcome {
    let place = state.place("two-images");
    let arguments = |image| ["--image", image, "--wait", "40s"];
    let programs = [place.start("install", &arguments(OLD_IMAGE))?, place.start("install", &arguments(IMAGE))?];
    for program in programs {
        program.ends(WAIT)?;
    }
    place.nothing_half_approved(&[place.bundles(OLD), place.bundles(NEW)])?;
    place.run("install", &arguments(IMAGE))?.with(0)?;
    if place.is_installed(NEW, 1).is_err() {
        // The older one was first, and OLM finds the newer one later.
        conflicts::waiting(&place)?;
        place.run("approve", &["--all"])?.with(0)?;
    }
    place.is_installed(NEW, 2)
}
