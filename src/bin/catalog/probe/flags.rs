//! The flags of `grpc_health_probe`, read as Go's `flag` package reads them.

use std::ffi::OsString;
use std::time::Duration;

use olm_catalog::duration;

/// What `-h` prints.
pub(super) const USAGE: &str = "\
Asks a gRPC server for its health.

  -addr HOST:PORT         the server; without HOST this machine
  -service NAME           the service to ask for; without it the server as a whole
  -connect-timeout TIME   how long connecting may take (default 1s)
  -rpc-timeout TIME       how long the call may take (default 1s)
  -v                      print more

TIME is as Go writes it: 250ms, 1.5s, 1m30s.
Exit status: 0 serving, 1 bad flags, 2 no connection, 3 the call failed, 4 not serving.
";

/// What to probe.
#[derive(Debug, PartialEq)]
pub(super) struct Flags {
    pub(super) addr: String,
    pub(super) service: String,
    pub(super) connect_timeout: Duration,
    pub(super) rpc_timeout: Duration,
    pub(super) verbose: bool,
}

impl Flags {
    /// The address, with each host that it means. No host and `localhost` mean this machine, without a resolver.
    pub(super) fn hosts(&self) -> Vec<String> {
        match self.addr.rsplit_once(':') {
            Some(("" | "localhost", port)) => vec![format!("127.0.0.1:{port}"), format!("[::1]:{port}")],
            _ => vec![self.addr.clone()],
        }
    }
}

/// What was requested.
#[derive(Debug, PartialEq)]
pub(super) enum Parsed {
    Flags(Flags),
    Help,
}

/// # Errors
/// What is wrong with the arguments.
pub(super) fn parse(args: impl IntoIterator<Item = OsString>) -> Result<Parsed, String> {
    let second = Duration::from_secs(1);
    let mut flags = Flags {
        addr: String::new(),
        service: String::new(),
        connect_timeout: second,
        rpc_timeout: second,
        verbose: false,
    };
    let mut args = args.into_iter().map(|arg| arg.into_string().map_err(|arg| format!("{arg:?} is not UTF-8")));
    while let Some(arg) = args.next().transpose()? {
        let Some(flag) = arg.strip_prefix("--").or_else(|| arg.strip_prefix('-')).filter(|flag| !flag.is_empty())
        else {
            return Err(format!("{arg:?} is not a flag"));
        };
        let (name, value) = flag.split_once('=').map_or((flag, None), |(name, value)| (name, Some(value.to_owned())));
        match name {
            "h" | "help" => return Ok(Parsed::Help),
            "v" => {
                flags.verbose = match value.as_deref() {
                    None | Some("1" | "t" | "T" | "true" | "TRUE" | "True") => true,
                    Some("0" | "f" | "F" | "false" | "FALSE" | "False") => false,
                    Some(other) => return Err(format!("-v must be true or false, not {other:?}")),
                }
            }
            "addr" | "service" | "connect-timeout" | "rpc-timeout" => {
                let value = match value {
                    Some(value) => value,
                    None => args.next().transpose()?.ok_or_else(|| format!("-{name} needs a value"))?,
                };
                match name {
                    "addr" => flags.addr = value,
                    "service" => flags.service = value,
                    "connect-timeout" => flags.connect_timeout = positive(name, &value)?,
                    _ => flags.rpc_timeout = positive(name, &value)?,
                }
            }
            _ => {
                return Err(format!(
                    "unknown flag -{name}; the flags are -addr, -service, -connect-timeout, -rpc-timeout and -v"
                ));
            }
        }
    }
    if flags.addr.is_empty() {
        return Err("-addr not specified".into());
    }
    if flags.addr.rsplit_once(':').is_none_or(|(_, port)| port.parse::<u16>().is_err()) {
        return Err(format!("-addr {:?} has no port", flags.addr));
    }
    Ok(Parsed::Flags(flags))
}

fn positive(name: &str, text: &str) -> Result<Duration, String> {
    duration::parse(text)
        .filter(|duration| !duration.is_zero())
        .ok_or_else(|| format!("-{name} must be greater than zero and a time such as 250ms or 1.5s, not {text:?}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(args: &[&str]) -> Result<Parsed, String> {
        parse(args.iter().map(OsString::from))
    }

    #[test]
    fn flags_as_go_reads_them() {
        let expected = Flags {
            addr: ":50051".into(),
            service: "a=b".into(),
            connect_timeout: Duration::from_millis(250),
            rpc_timeout: Duration::from_millis(61_500),
            verbose: true,
        };
        let args = ["-addr=:50051", "--service", "a=b", "-v", "-connect-timeout", "250ms", "--rpc-timeout=1m1.5s"];
        assert_eq!(parsed(&args), Ok(Parsed::Flags(expected)));
        assert_eq!(parsed(&["-h"]), Ok(Parsed::Help));
    }

    #[test]
    fn bad_flags_are_refused() {
        let bad: [&[&str]; 9] = [
            &[],
            &["-addr"],
            &["-addr="],
            &["-addr=host"],
            &["-addr=:1", "x"],
            &["-addr=:1", "-tls"],
            &["-addr=:1", "-rpc-timeout=0s"],
            &["-addr=:1", "-rpc-timeout=1"],
            &["-addr=:1", "-v=2"],
        ];
        for args in bad {
            assert!(parsed(args).is_err(), "{args:?}");
        }
    }

    #[test]
    fn this_machine_needs_no_resolver() {
        let hosts = |addr: &str| match parsed(&["-addr", addr]) {
            Ok(Parsed::Flags(flags)) => flags.hosts(),
            other => panic!("{other:?}"),
        };
        assert_eq!(hosts(":1"), ["127.0.0.1:1", "[::1]:1"]);
        assert_eq!(hosts("localhost:1"), ["127.0.0.1:1", "[::1]:1"]);
        assert_eq!(hosts("10.0.0.1:1"), ["10.0.0.1:1"]);
    }
}
