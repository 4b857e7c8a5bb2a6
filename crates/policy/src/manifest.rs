//! A site's collection manifest.

use serde::{Deserialize, Serialize};
use vocabulary::{DataType, DataTypes, IpKeeping};

/// What a client lets the agency collect on a site. Every change is a new dated version, kept by `sites`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Manifest {
    allowed: DataTypes,
    ip: IpKeeping,
}

impl Default for Manifest {
    /// Everything but addresses and providers. The cookie is allowed, which still needs the visitor's consent.
    fn default() -> Self {
        Self::new(
            DataTypes::all().without(DataType::Ip).without(DataType::HostName),
            IpKeeping::None,
        )
    }
}

impl Manifest {
    /// A manifest of these types; [`DataType::Ip`] follows from `ip`.
    pub fn new(allowed: DataTypes, ip: IpKeeping) -> Self {
        let allowed = if ip == IpKeeping::None {
            allowed.without(DataType::Ip)
        } else {
            allowed.with(DataType::Ip)
        };
        Self { allowed, ip }
    }

    /// Whether data of that type may be collected.
    pub fn allows(&self, data_type: DataType) -> bool {
        self.allowed.has(data_type)
    }

    /// The types allowed.
    pub fn allowed(&self) -> DataTypes {
        self.allowed
    }

    /// How much of the address may be kept.
    pub fn ip(&self) -> IpKeeping {
        self.ip
    }

    /// This manifest with a type allowed. Allowing [`DataType::Ip`] by itself allows the truncated address.
    #[must_use]
    pub fn allow(self, data_type: DataType) -> Self {
        match data_type {
            DataType::Ip => self.keep_ip(self.ip.max(IpKeeping::Truncated)),
            _ => Self {
                allowed: self.allowed.with(data_type),
                ..self
            },
        }
    }

    /// This manifest with a type denied.
    #[must_use]
    pub fn deny(self, data_type: DataType) -> Self {
        match data_type {
            DataType::Ip => self.keep_ip(IpKeeping::None),
            _ => Self {
                allowed: self.allowed.without(data_type),
                ..self
            },
        }
    }

    /// This manifest with another rule for addresses.
    #[must_use]
    pub fn keep_ip(self, ip: IpKeeping) -> Self {
        Self::new(self.allowed, ip)
    }
}

#[derive(Serialize, Deserialize)]
struct Written {
    allowed: Vec<DataType>,
    #[serde(default)]
    ip: IpKeeping,
}

/// Written as `{"allowed": [names…], "ip": "none"}`.
impl Serialize for Manifest {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Written {
            allowed: self.allowed.iter().collect(),
            ip: self.ip,
        }
        .serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Manifest {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Written::deserialize(deserializer).map(|w| Self::new(w.allowed.into_iter().collect(), w.ip))
    }
}
