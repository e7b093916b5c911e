//! The upgrades to a version, with the effects of each on users and their resources.

use serde_json::Value;

use super::definition::{Field, Finder};
use super::package::version_link;
use crate::crd::Kind;
use crate::safety::{DefinitionChange, DefinitionStep, Images, Step, WebhookChange, by_version};
use crate::site::fields::id_of_path;
use crate::site::html::{Attr, Element, Href, Html, tag};
use crate::site::model::Operator;
use crate::site::names::{PagePath, id};
use crate::site::page::Page;
use crate::site::parts::{badge, class_badge, code, limited, notice, pager, table};
use crate::site::upgrades::Upgrade;
use crate::words::count;

/// The maximum number of upgrades on a page.
const UPGRADES: usize = 20;
/// The maximum number of lines per kind of change of one upgrade.
const LINES: usize = 300;
/// The maximum number of definitions, and of lines for all of them.
const DEFINITIONS: usize = 200;
const DEFINITION_LINES: usize = 1000;
/// The maximum number of unknown parts.
const UNKNOWN: usize = 50;
/// The maximum length of a value.
const VALUE: usize = 120;

/// The pages of the upgrades to a version, by its index.
pub(in crate::site) fn pages(operator: &Operator<'_>, number: usize) -> Vec<Page> {
    let version = &operator.versions[number];
    let upgrades: Vec<&Upgrade<'_>> = operator.upgrades.to(&version.bundle.name).collect();
    let parts: Vec<_> = upgrades.chunks(UPGRADES).collect();
    let paths: Vec<PagePath> = (0..parts.len()).map(|part| operator.upgrades_path(number, &file(part))).collect();
    let title = format!("Upgrades to {} {}", operator.title(), version.label());
    let finder = Finder::new(operator);
    let page = |(part, upgrades): (usize, &&[&Upgrade<'_>])| {
        let mut main = Html::default();
        main.push(tag::div().class("title").add(tag::h1().text(&title)));
        main.push(pager(&paths, part));
        for upgrade in *upgrades {
            let old = operator.find(upgrade.edge.from);
            let shown = Shown { operator, old, new: number, from: &paths[part], finder: &finder };
            main.push(shown.upgrade(upgrade));
        }
        main.push(pager(&paths, part));
        let above = vec![
            (operator.title().to_owned(), operator.path()),
            (version.label().to_owned(), operator.version_path(number)),
        ];
        Page { path: paths[part].clone(), title: title.clone(), above, main, scripts: Vec::new() }
    };
    parts.iter().enumerate().map(page).collect()
}

fn file(part: usize) -> String {
    if part == 0 { "index.html".to_owned() } else { format!("{}.html", part + 1) }
}

/// The file that shows an upgrade.
pub(super) fn part_of(upgrade: &Upgrade<'_>) -> String {
    file(upgrade.place / UPGRADES)
}

/// An upgrade on a page.
struct Shown<'t, 's> {
    operator: &'t Operator<'s>,
    /// The index of the version from which users are upgraded, if the catalog has it.
    old: Option<usize>,
    /// The index of the version to which users are upgraded.
    new: usize,
    /// The page.
    from: &'t PagePath,
    finder: &'t Finder<'t, 's>,
}

impl Shown<'_, '_> {
    fn upgrade(&self, upgrade: &Upgrade<'_>) -> Element {
        let step = &upgrade.step;
        let place = id("from", upgrade.edge.from);
        let link =
            tag::a().class("anchor").href(&Href::here(&place)).attr(Attr::AriaLabel, "Link to this upgrade").text("#");
        let title = tag::h2().text("From ").add(version_link(self.operator, upgrade.edge.from, self.from)).text(" ");
        let title = title.add(class_badge(step.class())).text(" ").add(link);
        let taken = if upgrade.edge.is_taken() { "" } else { ". OLM chooses another upgrade" };
        let ways = tag::p().class("quiet").text(&upgrade.channels()).text(taken);
        let mut body = Html::default();
        for unknown in step.unknown.iter().take(UNKNOWN) {
            body.push(notice(&format!("Unknown in {}: {}.", unknown.bundle, unknown.what)));
        }
        if step.is_empty() && step.unknown.is_empty() {
            body.push(tag::p().text("Users notice no changes."));
        }
        let mut left = DEFINITION_LINES;
        step.definitions
            .iter()
            .take(DEFINITIONS)
            .for_each(|definition| body.push(self.definition(definition, &mut left)));
        let more = step.definitions.len().saturating_sub(DEFINITIONS);
        body.push((more > 0).then(|| notice(&format!("{more} more definitions change."))));
        body.push(permissions(step));
        body.push(webhooks(&step.webhooks));
        let modes: Vec<&str> = step.install_modes_lost.iter().map(String::as_str).collect();
        let lost = "OLM no longer runs the operator if its OperatorGroup has one of these modes.";
        body.push(names("Install modes lost", Some(lost), &modes));
        let removed: Vec<&str> = step.deployments_removed.iter().map(String::as_str).collect();
        body.push(names("Deployments deleted", None, &removed));
        body.push(images(&step.images));
        tag::section().class("upgrade").attr(Attr::Id, &place).add(title).add(ways).add(body)
    }

    fn definition(&self, step: &DefinitionStep, left: &mut usize) -> Element {
        let word = match step.change {
            Kind::Added => "is added",
            Kind::Removed => "is no longer in the bundle",
            Kind::Changed => "changes",
        };
        let title = tag::h3().add(code(&step.name)).text(" ").text(word).text(" ").add(class_badge(Some(step.class)));
        let mut all = by_version(&step.changes);
        all.sort_by_key(|(_, it)| std::cmp::Reverse(it.class));
        let (safe, others): (Vec<_>, Vec<_>) =
            all.into_iter().partition(|(_, it)| it.class == crate::safety::Class::Safe);
        let mut rows = |changes: &[(Vec<&str>, &DefinitionChange)]| {
            let most = LINES.min(*left);
            let shown: Vec<Element> =
                changes.iter().take(most).map(|(versions, it)| self.change(versions, it)).collect();
            *left -= shown.len();
            let more = changes.len() - shown.len();
            let more = (more > 0)
                .then(|| tag::p().class("quiet").text(&format!("and {more} more, which `catalog crd diff` shows")));
            (shown, more)
        };
        let headings = ["Where", "Change", "Effect on resources", "Class"];
        let (shown, more) = rows(&others);
        let worse =
            (!shown.is_empty()).then(|| table(&format!("Changes of {}", step.name), &headings, shown)).map(Html::from);
        let summary = count(safe.len(), "safe change", "safe changes");
        let (shown, more_safe) = rows(&safe);
        let safe = (!shown.is_empty()).then(|| {
            let table = table(&format!("Safe changes of {}", step.name), &headings, shown);
            tag::details().add(tag::summary().text(&summary)).add(table).add(more_safe)
        });
        tag::div().class("definition").add(title).add(worse.unwrap_or_default()).add(more).add(safe)
    }

    fn change(&self, versions: &[&str], it: &DefinitionChange) -> Element {
        let change = &it.change;
        let (field, keyword) = match change.path.split_once(": ") {
            Some((field, keyword)) => (field, Some(keyword)),
            None => (change.path.as_str(), None),
        };
        let place: Html = match field {
            "" if versions.is_empty() => Html::text("the definition"),
            "" => Html::text("the version"),
            "." => Html::text("the resource"),
            field => code(field).into(),
        };
        // A removed field is only in the old version.
        let is_gone = change.change == Kind::Removed && keyword.is_none();
        let number = if is_gone { self.old } else { Some(self.new) };
        let field = |api| Some(Field { crd: &change.crd, api, id: id_of_path(field)? });
        let href = versions.last().and_then(|api| self.finder.link(number?, &field(*api)?, self.from));
        let place: Html = match href {
            Some(href) => tag::a().href(&href).add(place).into(),
            None => place,
        };
        let versions = tag::div().class("quiet").text(&versions.join(", "));
        let what = match (change.change, keyword) {
            (Kind::Added, None) => tag::td().text("added"),
            (Kind::Removed, None) => tag::td().text("removed"),
            (Kind::Changed, None) => tag::td().text("changed"),
            (_, Some(keyword)) => tag::td().add(code(keyword)),
        };
        let what = what.add(values(change.from.as_ref(), change.to.as_ref()));
        let below = (change.fields > 0)
            .then(|| tag::div().class("quiet").text(&count(change.fields, "field below", "fields below")));
        tag::tr()
            .add(tag::td().add(place).add(versions))
            .add(what.add(below))
            .add(tag::td().text(it.effect))
            .add(tag::td().add(class_badge(Some(it.class))))
    }
}

fn values(old: Option<&Value>, new: Option<&Value>) -> Option<Element> {
    let value = |value: &Value| {
        let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        let text = match text.char_indices().nth(VALUE) {
            None => text,
            Some((end, _)) => format!("{}…", &text[..end]),
        };
        code(&text)
    };
    Some(match (old, new) {
        (None, None) => return None,
        (Some(old), Some(new)) => tag::div().add(value(old)).text(" → ").add(value(new)),
        (Some(one), None) => tag::div().add(tag::del().add(value(one))),
        (None, Some(one)) => tag::div().add(value(one)),
    })
}

fn permissions(step: &Step) -> Html {
    let row = |gained: &crate::safety::Gained| {
        let cell = tag::td().add(code(&gained.to_string()));
        let cell = if gained.is_everything() { cell.text(" ").add(badge("badge risky", "everything")) } else { cell };
        tag::tr().add(cell).add(tag::td().text(&gained.accounts.iter().cloned().collect::<Vec<_>>().join(", ")))
    };
    let (rows, more) = limited(step.permissions.iter().map(row).collect(), LINES);
    if rows.is_empty() {
        return Html::default();
    }
    let table = table("Permissions gained", &["Permission", "Service accounts"], rows);
    [tag::h3().text("Permissions gained").into(), Html::from(table), more.into()].into_iter().collect()
}

fn webhooks(changes: &[WebhookChange]) -> Html {
    let row = |hook: &WebhookChange| {
        let word = match hook.change {
            Kind::Added => "added",
            Kind::Removed => "removed",
            Kind::Changed => "changed",
        };
        let effect = if hook.fails_closed { "writes fail while it does not answer" } else { "" };
        tag::tr()
            .add(tag::td().add(code(&hook.name)).add(tag::div().class("quiet").text(&hook.kind.to_string())))
            .add(tag::td().text(word).text(" ").text(&hook.fields.join(", ")))
            .add(tag::td().text(&hook.targets.join("\n")).add(tag::div().class("quiet").text(effect)))
    };
    let (rows, more) = limited(changes.iter().map(row).collect(), LINES);
    if rows.is_empty() {
        return Html::default();
    }
    let table = table("Webhooks", &["Webhook", "Change", "Intercepts"], rows);
    [tag::h3().text("Webhooks").into(), Html::from(table), more.into()].into_iter().collect()
}

fn images(images: &Images) -> Html {
    let row =
        |word: &'static str| move |image: &String| tag::tr().add(tag::td().text(word)).add(tag::td().add(code(image)));
    let rows = images.added.iter().map(row("added")).chain(images.removed.iter().map(row("removed")));
    let (rows, more) = limited(rows.collect(), LINES);
    if rows.is_empty() {
        return Html::default();
    }
    let summary = count(images.added.len() + images.removed.len(), "image changes", "images change");
    tag::details().add(tag::summary().text(&summary)).add(table("Images", &["Change", "Image"], rows)).add(more).into()
}

fn names(title: &str, what: Option<&str>, names: &[&str]) -> Html {
    if names.is_empty() {
        return Html::default();
    }
    let list = tag::ul().each(names.iter().take(LINES).map(|name| tag::li().add(code(name))));
    let what = what.map(|what| tag::p().text(what));
    [tag::h3().text(title).into(), Html::from(what), list.into()].into_iter().collect()
}
