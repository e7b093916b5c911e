//! `catalog probe`, and the program under the name `grpc_health_probe`: asks a server for its health.
//!
//! OLM up to v0.46 runs `grpc_health_probe -addr=:50051` in a catalog's container, so this verb has that program's
//! flags and exit status: <https://github.com/grpc-ecosystem/grpc-health-probe>.

mod flags;

use std::ffi::OsString;
use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;

use olm_catalog::errln;
use olm_catalog::terminal::{self, Text};
use tonic::Code;
use tonic::transport::{Channel, Endpoint};
use tonic_health::pb::HealthCheckRequest;
use tonic_health::pb::health_check_response::ServingStatus;
use tonic_health::pb::health_client::HealthClient;

use flags::{Flags, Parsed, USAGE};

/// The name under which the program runs only this verb.
const NAME: &str = "grpc_health_probe";

/// Ask a gRPC server for its health, as grpc_health_probe does.
///
/// Flags have Go's syntax: -addr=:50051, -addr :50051 and --addr=:50051 are the same.
///
/// Exit status: 0 serving, 1 bad flags, 2 no connection, 3 the call failed, 4 not serving.
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  catalog probe -addr=:50051
  catalog probe -addr=127.0.0.1:50051 -connect-timeout=250ms -service=api.Registry")]
pub(crate) struct Args {
    /// The flags -addr, -service, -connect-timeout, -rpc-timeout and -v.
    #[arg(trailing_var_arg = true, allow_hyphen_values = true, value_name = "FLAGS")]
    flags: Vec<OsString>,
}

/// The arguments, if the program was called by the probe's name.
pub(crate) fn called_by_name() -> Option<Args> {
    let mut args = std::env::args_os();
    let name = args.next()?;
    (Path::new(&name).file_name()? == NAME).then(|| Args { flags: args.collect() })
}

/// How a probe failed, with its exit status.
#[derive(Debug)]
struct Failure(u8, String);

const BAD_FLAGS: u8 = 1;
const NO_CONNECTION: u8 = 2;
const CALL_FAILED: u8 = 3;
const UNHEALTHY: u8 = 4;

impl Args {
    pub(crate) fn run(self) -> ExitCode {
        let flags = match flags::parse(self.flags) {
            Ok(Parsed::Flags(flags)) => flags,
            Ok(Parsed::Help) => {
                let printed = terminal::out(&USAGE.into());
                return if printed.is_ok() { ExitCode::SUCCESS } else { ExitCode::from(BAD_FLAGS) };
            }
            Err(message) => {
                errln!("error: {}", Text::lines(&message));
                return ExitCode::from(BAD_FLAGS);
            }
        };
        match probe(&flags) {
            Ok(()) => {
                errln!("status: SERVING");
                ExitCode::SUCCESS
            }
            Err(Failure(status, message)) => {
                errln!("{}", Text::lines(&message));
                ExitCode::from(status)
            }
        }
    }
}

fn probe(flags: &Flags) -> Result<(), Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|error| Failure(NO_CONNECTION, format!("error: no runtime: {error}")))?;
    runtime.block_on(async {
        let mut client = HealthClient::new(connect(flags).await?);
        if flags.verbose {
            errln!("connected to {}", flags.addr);
        }
        let call = client.check(HealthCheckRequest { service: flags.service.clone() });
        let answer = tokio::time::timeout(flags.rpc_timeout, call).await;
        let late = || format!("timeout: health rpc did not complete within {:?}", flags.rpc_timeout);
        let answer = answer.map_err(|_| Failure(CALL_FAILED, late()))?;
        match answer {
            Ok(answer) => match answer.get_ref().status() {
                ServingStatus::Serving => Ok(()),
                other => {
                    Err(Failure(UNHEALTHY, format!("service unhealthy (responded with {:?})", other.as_str_name())))
                }
            },
            Err(status) if status.code() == Code::Unimplemented => {
                let message = "error: this server does not implement the grpc health protocol (grpc.health.v1.Health)";
                Err(Failure(CALL_FAILED, format!("{message}: {}", status.message())))
            }
            Err(status) => {
                let (code, message) = (status.code(), status.message());
                Err(Failure(CALL_FAILED, format!("error: health rpc failed: {code:?}: {message}")))
            }
        }
    })
}

/// Connects to the first of the address's hosts that answers. Tries again until the time is over: the server may be
/// starting.
async fn connect(flags: &Flags) -> Result<Channel, Failure> {
    let mut endpoints = Vec::new();
    for host in flags.hosts() {
        let endpoint = Endpoint::from_shared(format!("http://{host}"));
        let bad = |error| Failure(BAD_FLAGS, format!("error: -addr {:?} is not an address: {error}", flags.addr));
        endpoints.push(endpoint.map_err(bad)?.user_agent(NAME).expect("the name is a header's value"));
    }
    let attempt = async {
        loop {
            for endpoint in &endpoints {
                if let Ok(channel) = endpoint.connect().await {
                    return channel;
                }
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    let late = || format!("timeout: failed to connect service {:?} within {:?}", flags.addr, flags.connect_timeout);
    tokio::time::timeout(flags.connect_timeout, attempt).await.map_err(|_| Failure(NO_CONNECTION, late()))
}
