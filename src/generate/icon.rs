//! The icon: a picture file, in the form that a CSV contains.

use std::path::{Component, Path};

use base64::Engine;
use base64::prelude::BASE64_STANDARD;

use super::{Misfits, misfit};
use crate::bundle::csv::Icon;
use crate::files;
use crate::limits::ICON_BYTES;
use crate::operator::{Defined, rule};
use crate::yaml::Route;

/// Reads the picture that the definition names.
pub(super) fn read(defined: &Defined, misfits: &mut Misfits) -> Option<Icon> {
    let name = defined.definition.icon.as_deref()?;
    match picture(defined.folder(), name) {
        Ok(icon) => Some(icon),
        Err(message) => {
            misfits.push((rule::ICON, misfit(Route::root().key("icon"), message)));
            None
        }
    }
}

fn picture(folder: &Path, name: &str) -> Result<Icon, String> {
    let path = Path::new(name);
    if !matches!(path.components().collect::<Vec<_>>().as_slice(), [Component::Normal(_)]) {
        return Err(format!("{name} is not a file name in the same folder"));
    }
    let mediatype = match path.extension().and_then(|extension| extension.to_str()) {
        Some("svg") => "image/svg+xml",
        Some("png") => "image/png",
        Some("jpg" | "jpeg") => "image/jpeg",
        Some("gif") => "image/gif",
        _ => return Err(format!("{name} must end in .svg, .png, .jpg or .gif")),
    };
    let file = folder.join(path);
    let inside = files::check_inside(folder, &file);
    let bytes = inside.and_then(|()| files::read(&file, &ICON_BYTES));
    let bytes = bytes.map_err(|error| format!("cannot read {name}: {error}"))?;
    Ok(Icon { base64data: BASE64_STANDARD.encode(bytes), mediatype: mediatype.to_owned() })
}
