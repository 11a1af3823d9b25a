use ureq::http::Uri;

/// The hosts of the public hub, to which mirrors lead: they are followed and given the token, as by `huggingface_hub`.
const PUBLIC: [&str; 2] = ["huggingface.co", "hf.co"];

/// What two addresses of one server have in common.
pub(super) fn origin(address: &Uri) -> (Option<&str>, Option<String>, Option<u16>) {
    (
        address.scheme_str(),
        address.host().map(str::to_ascii_lowercase),
        port(address),
    )
}

fn port(address: &Uri) -> Option<u16> {
    address.port_u16().or(match address.scheme_str() {
        Some("https") => Some(443),
        Some("http") => Some(80),
        _ => None,
    })
}

/// Whether an address is one of the public hub.
pub(super) fn is_public(address: &Uri) -> bool {
    address.scheme_str() == Some("https")
        && port(address) == Some(443)
        && address.host().is_some_and(|host| PUBLIC.contains(&host))
}

/// The address that `location` means in an answer from `base`; nothing if it is none.
pub(super) fn resolve(base: &Uri, location: &str) -> Option<Uri> {
    let (scheme, authority) = (base.scheme_str()?, base.authority()?);
    let whole = if location.contains("://") && !location.starts_with(['/', '?']) {
        location.to_owned()
    } else if location.starts_with("//") {
        format!("{scheme}:{location}")
    } else if location.starts_with('/') {
        format!("{scheme}://{authority}{location}")
    } else if location.starts_with('?') {
        format!("{scheme}://{authority}{}{location}", base.path())
    } else {
        let folder = base
            .path()
            .rsplit_once('/')
            .map_or("", |(folder, _)| folder);
        format!("{scheme}://{authority}{folder}/{location}")
    };
    let address: Uri = whole.parse().ok()?;
    (matches!(address.scheme_str(), Some("http" | "https")) && address.host().is_some())
        .then_some(address)
}

#[cfg(test)]
mod tests {
    use ureq::http::uri::InvalidUri;

    use super::{is_public, origin, resolve};

    #[test]
    fn an_answer_leads_to_where_a_browser_would_go() -> Result<(), InvalidUri> {
        let base = "http://hub:8000/x/y?z".parse()?;
        for (location, expected) in [
            ("https://cdn/a?u=http://b", Some("https://cdn/a?u=http://b")),
            ("//cdn/a", Some("http://cdn/a")),
            ("/a/b", Some("http://hub:8000/a/b")),
            ("b", Some("http://hub:8000/x/b")),
            ("?b", Some("http://hub:8000/x/y?b")),
            ("file:///etc/passwd", None),
            ("http://", None),
            ("a b", None),
        ] {
            let found = resolve(&base, location).map(|address| address.to_string());
            assert_eq!(found.as_deref(), expected, "{location}");
        }
        Ok(())
    }

    #[test]
    fn an_origin_is_scheme_host_and_port() -> Result<(), InvalidUri> {
        let same = |a: &str, b: &str| -> Result<bool, InvalidUri> {
            Ok(origin(&a.parse()?) == origin(&b.parse()?))
        };
        assert!(same("https://Hub/x", "https://hub:443/y")?);
        assert!(!same("https://hub", "http://hub")?);
        assert!(!same("https://hub", "https://hub:444")?);
        assert!(!same("https://hub", "https://hub.evil")?);
        assert!(!same("https://hub", "https://hub@evil")?);
        Ok(())
    }

    #[test]
    fn the_public_hub_is_known_by_its_whole_name() -> Result<(), InvalidUri> {
        let public = |address: &str| address.parse().map(|address| is_public(&address));
        assert!(public("https://huggingface.co/x")? && public("https://hf.co:443/x")?);
        for other in [
            "http://huggingface.co/x",
            "https://huggingface.co:8443/x",
            "https://cdn-lfs.hf.co/x",
            "https://huggingface.co.evil/x",
            "https://huggingface.co@evil/x",
        ] {
            assert!(!public(other)?, "{other}");
        }
        Ok(())
    }
}
