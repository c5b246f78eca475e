//! Values that come as TOML's own from the file and as text from the environment.

use std::net::IpAddr;

use ipnet::IpNet;
use serde::Deserialize;
use toml::Value;

/// A port.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "Value")]
pub struct Port(pub u16);

impl TryFrom<Value> for Port {
    type Error = String;

    fn try_from(value: Value) -> Result<Self, String> {
        let text = plain(value);
        match text.parse::<u16>() {
            Ok(port) if port > 0 => Ok(Port(port)),
            _ => Err(format!("a port is a number from 1 to 65535, not {text}")),
        }
    }
}

/// How many of something there may be; at least one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "Value")]
pub struct Count(pub usize);

impl TryFrom<Value> for Count {
    type Error = String;

    fn try_from(value: Value) -> Result<Self, String> {
        let text = plain(value);
        match text.parse::<usize>() {
            Ok(count) if count > 0 => Ok(Count(count)),
            _ => Err(format!("a number above 0 belongs here, not {text}")),
        }
    }
}

/// Days.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "Value")]
pub struct Days(pub u64);

impl TryFrom<Value> for Days {
    type Error = String;

    fn try_from(value: Value) -> Result<Self, String> {
        let text = plain(value);
        let days = text.parse();
        days.map(Days)
            .map_err(|_| format!("a number of days belongs here, 0 for ever, not {text}"))
    }
}

/// Yes or no.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(try_from = "Value")]
pub struct Flag(pub bool);

impl TryFrom<Value> for Flag {
    type Error = String;

    fn try_from(value: Value) -> Result<Self, String> {
        let text = plain(value);
        let flag = text.parse();
        flag.map(Flag)
            .map_err(|_| format!("true or false belongs here, not {text}"))
    }
}

/// Words: a list, or text with spaces or commas.
#[derive(Default, Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "Value")]
pub struct Words(pub Vec<String>);

impl TryFrom<Value> for Words {
    type Error = String;

    fn try_from(value: Value) -> Result<Self, String> {
        Ok(Words(match value {
            Value::Array(list) => list.into_iter().map(plain).collect(),
            other => {
                let text = plain(other);
                let words = text.split([',', ' ']).filter(|word| !word.is_empty());
                words.map(str::to_owned).collect()
            }
        }))
    }
}

/// Networks as `10.0.0.0/8`, or single addresses: a list, or text with commas.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(try_from = "Value")]
pub struct Networks(pub Vec<IpNet>);

impl TryFrom<Value> for Networks {
    type Error = String;

    fn try_from(value: Value) -> Result<Self, String> {
        let texts: Vec<String> = match value {
            Value::Array(list) => list.into_iter().map(plain).collect(),
            other => plain(other).split(',').map(str::to_owned).collect(),
        };
        let texts = texts
            .iter()
            .map(|text| text.trim())
            .filter(|text| !text.is_empty());
        texts.map(network).collect::<Result<_, _>>().map(Networks)
    }
}

fn network(text: &str) -> Result<IpNet, String> {
    let address = text.parse::<IpAddr>().map(IpNet::from);
    address
        .or_else(|_| text.parse())
        .map_err(|_| format!("{text} is no address and no network as 10.0.0.0/8"))
}

/// The header by which a trusted proxy names whom it speaks for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ProxyHeader {
    /// `X-Forwarded-For`, `-Proto` and `-Host`.
    #[default]
    XForwarded,
    /// `Forwarded`, RFC 7239.
    Forwarded,
}

fn plain(value: Value) -> String {
    match value {
        Value::String(text) => text,
        other => other.to_string(),
    }
}
