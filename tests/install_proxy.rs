//! `install-catalog` reaches a real API server through real proxies: `CONNECT`, also over TLS, and SOCKS. Only a proxy
//! can resolve the server's name, because servers on this machine are never contacted through the environment's proxy.

#![allow(clippy::unwrap_used, reason = "a test")]

mod cluster;
mod common;
mod proxies;

use std::fs;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

use cluster::{Cluster, or_reason, trial};
use libtest_mimic::{Arguments, Completion, Failed};
use olm_catalog::yaml;
use proxies::{Answer, Proxy};
use serde_json::{Value, json};
use tempfile::{NamedTempFile, TempPath};

type Outcome = Result<(), Failed>;
type Case = fn(&State) -> Outcome;

/// The API server's name, which only a proxy can resolve.
const SERVER: &str = "cluster.example:6443";
/// A user and password of a proxy, escaped for a URL and unescaped.
const ENCODED: &str = "us%40er:s%3Acret";
const LOGIN: (&str, &str) = ("us@er", "s:cret");
/// A verb that gives up soon.
const IMPATIENT: [&str; 8] =
    ["install", "--image", "registry.example/catalog:1", "--operators", "x", "--no-image-labels", "--wait", "1s"];
/// A verb that sends requests, and its output if it gets responses.
const STATUS: [&str; 1] = ["status"];
const ANSWERED: &str = "OLM      is not installed";

struct State {
    cluster: Cluster,
}

/// The result of a run.
struct Run {
    code: Option<i32>,
    text: String,
}

fn main() {
    let mut arguments = Arguments::from_args();
    // Mostly they wait for a program that retries.
    arguments.test_threads.get_or_insert(4);
    let state = Arc::new(if arguments.list { Err("only listed".to_owned()) } else { start() });
    let cases: [(&str, Case); 9] = [
        ("proxy_url_of_the_kubeconfig", proxy_url_of_the_kubeconfig),
        ("variables", variables),
        ("no_proxy", no_proxy),
        ("a_server_on_this_machine", a_server_on_this_machine),
        ("user_and_password", user_and_password),
        ("over_tls", over_tls),
        ("socks", socks),
        ("refused", refused),
        ("an_invalid_proxy", an_invalid_proxy),
    ];
    let trials =
        cases.map(|(name, case)| trial(name, &state, move |state| case(state).map(|()| Completion::Completed)));
    let conclusion = libtest_mimic::run(&arguments, trials.into());
    // Exiting runs no destructors.
    drop(state);
    conclusion.exit()
}

fn start() -> Result<State, String> {
    or_reason(Cluster::control_plane("install_proxy")).map(|cluster| State { cluster })
}

impl State {
    fn proxy(&self, answer: Answer, login: Option<(&'static str, &'static str)>) -> Proxy {
        let address = self.server().strip_prefix("https://").unwrap().parse().unwrap();
        self.cluster.run(Proxy::start(answer, login, address))
    }

    /// The real API server.
    fn server(&self) -> String {
        self.config()["clusters"][0]["cluster"]["server"].as_str().unwrap().to_owned()
    }

    fn config(&self) -> Value {
        yaml::read_one(&fs::read_to_string(self.cluster.kubeconfig()).unwrap()).unwrap()
    }

    /// A kubeconfig whose cluster is at [`SERVER`], with additional fields.
    fn kubeconfig(&self, more: &Value) -> TempPath {
        let mut config = self.config();
        let cluster = config["clusters"][0]["cluster"].as_object_mut().unwrap();
        cluster.insert("server".into(), format!("https://{SERVER}").into());
        cluster.insert("tls-server-name".into(), "kubernetes.default.svc".into());
        cluster.extend(more.as_object().unwrap().clone());
        if cluster.contains_key("insecure-skip-tls-verify") {
            cluster.remove("certificate-authority-data");
        }
        let path = NamedTempFile::new().unwrap().into_temp_path();
        fs::write(&path, yaml::to_yaml(&config).unwrap()).unwrap();
        path
    }
}

/// Runs the program with these variables and no other proxies.
fn run(kubeconfig: &Path, variables: &[(&str, &str)], arguments: &[&str]) -> Run {
    let mut command = Command::new(env!("CARGO_BIN_EXE_install-catalog"));
    for name in ["HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "ALL_PROXY"] {
        command.env_remove(name).env_remove(name.to_lowercase());
    }
    command.args(arguments).env("KUBECONFIG", kubeconfig).env("RUST_BACKTRACE", "0").envs(variables.iter().copied());
    let output = command.output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout) + String::from_utf8_lossy(&output.stderr);
    for secret in [LOGIN.1, "s%3Acret", "wrong-secret", &proxies::basic(LOGIN)] {
        assert!(!text.contains(secret), "it tells a password: {text}");
    }
    Run { code: output.status.code(), text: text.into_owned() }
}

impl Run {
    fn answered(&self) {
        assert!(self.code == Some(1) && self.text.contains(ANSWERED), "{:?} {}", self.code, self.text);
    }

    /// The output, without the ports and times of a run.
    fn refused(&self, proxy: &str) -> String {
        assert_eq!(self.code, Some(2), "{}", self.text);
        self.text.replace(proxy.rsplit(':').next().unwrap(), "PORT")
    }
}

fn proxy_url_of_the_kubeconfig(state: &State) -> Outcome {
    let proxy = state.proxy(Answer::Tunnel, None);
    let kubeconfig = state.kubeconfig(&json!({"proxy-url": proxy.url("http", "")}));
    run(&kubeconfig, &[], &STATUS).answered();
    proxy.was_asked_for(&[SERVER]);
    // It precedes the environment, whose exceptions do not apply to it.
    for variables in [("HTTPS_PROXY", "http://127.0.0.1:1"), ("NO_PROXY", "*")] {
        run(&kubeconfig, &[variables], &STATUS).answered();
        proxy.was_asked_for(&[SERVER]);
    }
    // Nor are servers on this machine.
    let server = state.server();
    let kubeconfig = state.kubeconfig(&json!({"proxy-url": proxy.url("http", ""), "server": server}));
    run(&kubeconfig, &[], &STATUS).answered();
    proxy.was_asked_for(&[server.strip_prefix("https://").unwrap()]);
    Ok(())
}

fn variables(state: &State) -> Outcome {
    let proxy = state.proxy(Answer::Tunnel, None);
    let kubeconfig = state.kubeconfig(&json!({}));
    let url = proxy.url("http", "");
    for (name, value) in [("HTTPS_PROXY", url.as_str()), ("https_proxy", url.trim_start_matches("http://"))] {
        run(&kubeconfig, &[(name, value)], &STATUS).answered();
        proxy.was_asked_for(&[SERVER]);
    }
    // Values that kube rejects or does not know.
    let exceptions = ("NO_PROXY", ".cluster.example, cluster.example:443,, a b ,[::1],10.0.0.0/8,");
    run(&kubeconfig, &[("HTTPS_PROXY", &url), exceptions], &STATUS).answered();
    proxy.was_asked_for(&[SERVER]);
    // It is for servers without TLS.
    let failed = run(&kubeconfig, &[("HTTP_PROXY", &url)], &IMPATIENT);
    assert!(failed.code == Some(2) && failed.text.contains("no such host"), "{}", failed.text);
    proxy.was_asked_for(&[]);
    Ok(())
}

fn no_proxy(state: &State) -> Outcome {
    let proxy = state.proxy(Answer::Tunnel, None);
    // Go only treats `localhost` as this machine, but the resolver also treats this name so.
    let server = state.server().replace("127.0.0.1", "LOCALHOST");
    let kubeconfig = state.kubeconfig(&json!({"server": server}));
    let port = server.rsplit(':').next().unwrap();
    let url = proxy.url("http", "");
    run(&kubeconfig, &[("HTTPS_PROXY", &url)], &STATUS).answered();
    proxy.was_asked_for(&[server.strip_prefix("https://").unwrap()]);
    for exceptions in ["localhost", "*", "a.example, LocalHost", &format!("localhost:{port}")] {
        run(&kubeconfig, &[("HTTPS_PROXY", &url), ("NO_PROXY", exceptions)], &STATUS).answered();
        proxy.was_asked_for(&[]);
    }
    Ok(())
}

fn a_server_on_this_machine(state: &State) -> Outcome {
    let proxy = state.proxy(Answer::Tunnel, None);
    run(state.cluster.kubeconfig(), &[("HTTPS_PROXY", &proxy.url("http", ""))], &STATUS).answered();
    proxy.was_asked_for(&[]);
    Ok(())
}

fn user_and_password(state: &State) -> Outcome {
    let proxy = state.proxy(Answer::Tunnel, Some(LOGIN));
    let kubeconfig = state.kubeconfig(&json!({"proxy-url": proxy.url("http", ENCODED)}));
    run(&kubeconfig, &[], &STATUS).answered();
    proxy.was_asked_for(&[SERVER]);
    let kubeconfig = state.kubeconfig(&json!({}));
    run(&kubeconfig, &[("HTTPS_PROXY", &proxy.url("http", ENCODED))], &STATUS).answered();
    proxy.was_asked_for(&[SERVER]);
    // Trying again does not help, so that is not done.
    let at_once = |kubeconfig: &Path, environment: &[(&str, &str)]| {
        common::time::within(Duration::from_secs(80), || run(kubeconfig, environment, &STATUS))
    };
    let none = at_once(&kubeconfig, &[("HTTPS_PROXY", &proxy.url("http", ""))]);
    let wrong = state.kubeconfig(&json!({"proxy-url": proxy.url("http", "us%40er:wrong-secret")}));
    let wrong = at_once(&wrong, &[]);
    let port = proxy.url("http", "");
    insta::assert_snapshot!("login", none.refused(&port) + "\n" + &wrong.refused(&port));
    Ok(())
}

fn over_tls(state: &State) -> Outcome {
    let proxy = state.proxy(Answer::Tunnel, Some(LOGIN));
    let kubeconfig = state.kubeconfig(&json!({
        "proxy-url": proxy.url("https", ENCODED),
        "insecure-skip-tls-verify": true,
    }));
    run(&kubeconfig, &[], &STATUS).answered();
    proxy.was_asked_for(&[SERVER]);
    // The cluster's authority did not sign it.
    let kubeconfig = state.kubeconfig(&json!({"proxy-url": proxy.url("https", ENCODED)}));
    let failed = run(&kubeconfig, &[], &IMPATIENT);
    insta::assert_snapshot!("certificate", failed.refused(&proxy.url("https", "")));
    proxy.was_asked_for(&[]);
    Ok(())
}

fn socks(state: &State) -> Outcome {
    let kubeconfig = state.kubeconfig(&json!({}));
    let open = state.proxy(Answer::Tunnel, None);
    run(&kubeconfig, &[("HTTPS_PROXY", &open.url("socks5", ""))], &STATUS).answered();
    open.was_asked_for(&[SERVER]);
    let closed = state.proxy(Answer::Tunnel, Some(LOGIN));
    run(&kubeconfig, &[("HTTPS_PROXY", &closed.url("socks5", ENCODED))], &STATUS).answered();
    closed.was_asked_for(&[SERVER]);
    let wrong = run(&kubeconfig, &[("HTTPS_PROXY", &closed.url("socks5", "us%40er:wrong-secret"))], &IMPATIENT);
    insta::assert_snapshot!("socks", wrong.refused(&closed.url("socks5", "")));
    Ok(())
}

fn refused(state: &State) -> Outcome {
    let mut text = String::new();
    let kubeconfig = state.kubeconfig(&json!({}));
    let answers = [
        // Forbidden requests stay forbidden.
        (Answer::Status("403 \x1b[31mForbidden"), true),
        (Answer::Status("502 Bad Gateway"), false),
        (Answer::NoHttp, false),
        (Answer::Nothing, false),
    ];
    for (answer, is_final) in answers {
        let title = format!("{answer:?}");
        let proxy = state.proxy(answer, None);
        let failed = run(&kubeconfig, &[("HTTPS_PROXY", &proxy.url("http", ENCODED))], &IMPATIENT);
        let count = proxy.count();
        assert_eq!(count == 1, is_final, "{title}, {count}: {}", failed.text);
        text += &format!("# {title}\n{}\n", failed.refused(&proxy.url("http", "")));
    }
    let nobody = "http://127.0.0.1:1";
    for setting in ["HTTPS_PROXY", "proxy-url"] {
        let named = state.kubeconfig(&json!({"proxy-url": if setting == "proxy-url" { nobody } else { "" }}));
        let failed = run(&named, &[("HTTPS_PROXY", nobody)], &IMPATIENT);
        assert_eq!(failed.code, Some(2), "{}", failed.text);
        text += &format!("# nobody at {setting}\n{}\n", failed.text);
    }
    // The second attempt is cut short.
    let proxy = state.proxy(Answer::Silence, None);
    let patient = [&IMPATIENT[..7], &["12s"]].concat();
    let failed = run(&kubeconfig, &[("HTTPS_PROXY", &proxy.url("http", ""))], &patient);
    text += &format!("# Silence\n{}", failed.refused(&proxy.url("http", "")));
    insta::assert_snapshot!("refused", text);
    Ok(())
}

fn an_invalid_proxy(state: &State) -> Outcome {
    let kubeconfig = state.kubeconfig(&json!({"proxy-url": "socks4://us%40er:s%3Acret@proxy.example:1080"}));
    let named = run(&kubeconfig, &[], &STATUS);
    let kubeconfig = state.kubeconfig(&json!({}));
    let variable = run(&kubeconfig, &[("https_proxy", "http://us%40er:s%3Acret@proxy.example:x")], &STATUS);
    assert_eq!((named.code, variable.code), (Some(2), Some(2)));
    insta::assert_snapshot!("none", named.text + "\n" + &variable.text);
    Ok(())
}
