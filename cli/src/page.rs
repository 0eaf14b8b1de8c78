//! `lockwait page`: serves the diagnostic page on this machine. `watch --page`: serves the run, too.

mod door;
mod files;
mod live;

use std::net::{Ipv4Addr, SocketAddr};
use std::process::ExitCode;

use tiny_http::Server;

use crate::args::PageArgs;
use crate::output;
pub(crate) use live::{Hub, serve};

/// Serves the page until the program is ended.
///
/// # Errors
/// The page is not part of this program, or the port cannot be had; a sentence that says what to do.
pub(crate) fn run(args: &PageArgs) -> Result<ExitCode, String> {
    files::check()?;
    let (server, address) = listen(args.port)?;
    output::print(&format!("http://{address}/\n"))?;
    for request in server.incoming_requests() {
        let refusal = files::refusal(request.method(), files::host(&request), address.port());
        let answer = refusal.unwrap_or_else(|| files::file(request.url(), "index.html"));
        files::send(request, answer);
    }
    Ok(ExitCode::SUCCESS)
}

/// Listens on the loopback address alone.
///
/// # Errors
/// A sentence that names the address.
fn listen(port: u16) -> Result<(Server, SocketAddr), String> {
    let wanted = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    let server = Server::http(wanted).map_err(|error| format!("{wanted} cannot be listened on: {error}"))?;
    let address = server.server_addr().to_ip().unwrap_or(wanted);
    Ok((server, address))
}
