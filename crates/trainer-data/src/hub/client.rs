use std::time::Duration;

use ureq::{
    Agent, Body,
    http::{
        Method, Request, Response, Uri,
        header::{ACCEPT_ENCODING, AUTHORIZATION, RANGE},
    },
};

use super::{
    names::Misnamed,
    origin::{is_public, origin, resolve},
    settings::Settings,
};

/// For so long the hub is waited for at each stage of an answer, as `huggingface_hub` waits.
const PATIENCE: Duration = Duration::from_secs(10);
/// For so long a transfer that has begun may stand still.
const STANDSTILL: Duration = Duration::from_secs(60);
/// So often an answer may name another address.
const MAX_REDIRECTS: usize = 10;

/// Why a hub's answer is of no use.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    #[error(transparent)]
    Request(#[from] ureq::Error),
    #[error("it led from address to address, {MAX_REDIRECTS} times and on")]
    Redirects,
    #[error("its answer has no {0}, which every hub gives: look at HF_ENDPOINT")]
    Missing(&'static str),
    #[error("its answer's {place} is {source}")]
    Answer {
        place: &'static str,
        source: Misnamed,
    },
}

impl Failure {
    /// The place of an answer where a name is none.
    pub(super) fn at(place: &'static str) -> impl Fn(Misnamed) -> Self {
        move |source| Self::Answer { place, source }
    }
}

/// An answer, and the address that it came from.
pub(super) struct Answer {
    pub(super) address: Uri,
    pub(super) response: Response<Body>,
}

impl Answer {
    pub(super) fn header(&self, name: &'static str) -> Option<String> {
        let value = self.response.headers().get(name)?;
        Some(String::from_utf8_lossy(value.as_bytes()).into_owned())
    }

    /// Where the answer leads, if it leads on.
    pub(super) fn leads_to(&self) -> Result<Option<Uri>, Failure> {
        if !self.response.status().is_redirection() {
            return Ok(None);
        }
        let to = self
            .header("location")
            .ok_or(Failure::Missing("location"))?;
        let bad = || Failure::at("location")(Misnamed::new(&to, "an address"));
        resolve(&self.address, &to).map(Some).ok_or_else(bad)
    }
}

/// What asks a hub.
pub(super) struct Client<'a> {
    agent: Agent,
    settings: &'a Settings,
}

impl<'a> Client<'a> {
    pub(super) fn new(settings: &'a Settings) -> Self {
        let agent = Agent::config_builder()
            .max_redirects(0)
            .timeout_resolve(Some(PATIENCE))
            .timeout_connect(Some(PATIENCE))
            .timeout_recv_response(Some(PATIENCE))
            .timeout_per_read(Some(STANDSTILL))
            .user_agent(concat!("trainer/", env!("CARGO_PKG_VERSION")))
            .build()
            .into();
        Self { agent, settings }
    }

    /// Asks what there is at an address of the hub, without having it sent.
    ///
    /// Addresses of other hosts are not followed: the hub's own answer says what the file is, theirs where it lies.
    pub(super) fn head(&self, address: &str) -> Result<Answer, Failure> {
        self.ask(&Method::HEAD, address, None, |to| self.is_hub(to))
    }

    /// Has a file sent, from byte `start` on.
    pub(super) fn get(&self, address: &str, start: u64) -> Result<Answer, Failure> {
        let range = (start > 0).then(|| format!("bytes={start}-"));
        self.ask(&Method::GET, address, range.as_deref(), |_| true)
    }

    fn ask(
        &self,
        method: &Method,
        address: &str,
        range: Option<&str>,
        follow: impl Fn(&Uri) -> bool,
    ) -> Result<Answer, Failure> {
        let mut address = address.parse::<Uri>().map_err(|error| {
            let error: ureq::http::Error = error.into();
            ureq::Error::from(error)
        })?;
        for _ in 0..=MAX_REDIRECTS {
            let answer = self.ask_once(method, address, range)?;
            match answer.leads_to()? {
                Some(to) if follow(&to) => address = to,
                _ => return Ok(answer),
            }
        }
        Err(Failure::Redirects)
    }

    fn ask_once(
        &self,
        method: &Method,
        address: Uri,
        range: Option<&str>,
    ) -> Result<Answer, Failure> {
        // Sizes are those of the files only where nothing is compressed.
        let mut request = Request::builder()
            .method(method)
            .uri(&address)
            .header(ACCEPT_ENCODING, "identity");
        let token = self.settings.token.as_ref();
        if let Some(token) = token.filter(|_| self.is_hub(&address)) {
            request = request.header(AUTHORIZATION, format!("Bearer {token}"));
        }
        if let Some(range) = range {
            request = request.header(RANGE, range);
        }
        let request = request.body(()).map_err(ureq::Error::from)?;
        let response = self.agent.run(request)?;
        Ok(Answer { address, response })
    }

    /// Whether the hub that is asked is at this address, or the public one.
    fn is_hub(&self, address: &Uri) -> bool {
        let own = self.settings.endpoint.parse::<Uri>();
        is_public(address) || own.is_ok_and(|own| origin(&own) == origin(address))
    }
}
