//! Which proxy `install-catalog` takes for a server: what Go's `golang.org/x/net/http/httpproxy`, as it is in Go 1.26, said
//! of the environments in tests/proxy.

#[path = "common/cases.rs"]
mod cases;

use http::Uri;
use olm_catalog::install::proxy::{Environment, Proxy, Setting};
use serde_json::{Value, json};

#[test]
fn environments_are_read_as_by_go() {
    let lines = cases::json_lines("proxy/environment.jsonl");
    let mut wrong = Vec::new();
    for line in &lines {
        let variable = |name: &str| line["environment"][name].as_str().map(str::to_owned);
        let server: Uri = line["server"].as_str().expect("a server").parse().expect("a server's address");
        let environment = Environment::new(variable).unwrap_or_else(|error| panic!("{line}: {error}"));
        let proxy = environment.proxy(&server);
        let user = proxy.and_then(|proxy| proxy.user()).map_or(Value::Null, |(user, password)| json!([user, password]));
        if json!(proxy.map(Proxy::to_string)) != line["proxy"] || user != line["user"] {
            wrong.push(format!("{line}: {proxy:?}"));
        }
    }
    assert!(lines.len() > 150);
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn errors_explain_the_problem() {
    let texts = [
        "",
        "socks4://user:secret@proxy.example:1080",
        "ftp://user:secret@proxy.example",
        "user:secret://proxy.example",
        "http://",
        "http://user:se^ret@proxy.example",
        "http://user:secret@proxy.example:port",
        "http://user:sec ret@proxy.example",
        "http://user:sec#ret@proxy.example",
        "http://user:sec/ret@proxy.example",
        "http://user:123/ret@proxy.example",
        "http://proxy.example:99999",
    ];
    let messages = texts.map(|text| match Proxy::new(Setting::Variable("HTTPS_PROXY"), text) {
        Ok(proxy) => panic!("{text}: {proxy:?}"),
        Err(error) => format!("{text}\n  {error}\n  {}", error.help()),
    });
    insta::assert_snapshot!(messages.join("\n"));
}

#[test]
fn a_password_is_not_printed() {
    let proxy = Proxy::new(Setting::Kubeconfig, "http://user:secret@proxy.example:3128").expect("a proxy");
    assert_eq!(format!("{proxy} {proxy:?}").matches("http://proxy.example:3128").count(), 2);
    assert!(!format!("{proxy:?} {proxy:#?} {proxy}").contains("secret"));
}
