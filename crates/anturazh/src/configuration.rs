//! `anturazh.toml`: what the operator decides.

use anyhow::{Context, bail};
use serde::Deserialize;
use std::path::PathBuf;
use vocabulary::moment::{DAY_MS, HOUR_MS, MINUTE_MS};

/// The configuration a new folder gets.
pub(crate) const FIRST: &str = r#"# Anturazh. Every setting is optional; what is shown is the default.

# Where to listen. Behind a reverse proxy keep it on loopback.
listen = "127.0.0.1:8080"

# The address people and trackers use, such as "https://stats.example". Cookies are marked Secure if it is https.
# address = "https://stats.example"

# Proxies (addresses or networks) whose X-Forwarded-For and Forwarded headers are believed.
trusted_proxies = []

# How many hits a second one address on the internet may send, ten seconds of them at once; above that is answered 429.
# 0 is without limit. Senders with a token have none.
hits_per_second = 100

# A MaxMind DB file for regions and cities (GeoLite2-City, DB-IP City Lite…). Countries need none.
# city_file = "/var/lib/anturazh/city.mmdb"

# A MaxMind DB file for visitors' providers (GeoIP2-Domain, GeoIP2-ISP, GeoLite2-ASN, DB-IP ASN Lite…), for sites whose
# manifest allows host_name; that is off unless a client wants it.
# provider_file = "/var/lib/anturazh/asn.mmdb"

# Where weaknesses are to be reported, for /.well-known/security.txt: an address of mail or of a page.
# security_contact = "mailto:security@stats.example"

# What a program elsewhere must bear to read /metrics; programs on this machine need nothing.
# metrics_token = "…"

# The anonymous side's catalog: a SQLite file in the data folder, or a PostgreSQL database.
# catalog = "postgres://anturazh@localhost/anturazh"

# Where people's sealed data and, apart from them, the wrapped keys are: SQLite files in the data folder, or two
# PostgreSQL databases. The operator's key is an age identity file; move it to another disk and name it here. Databases
# on other machines are reached by TLS; `?sslrootcert=/path/ca.pem` names an authority of your own.
# [people]
# vault = "postgres://anturazh@localhost/people"
# keys = "postgres://anturazh@otherhost/keys"
# operator_key = "/etc/anturazh/operator.age"

# Who answers for people's data: what people are told when they write to you, and what consents and receipts say.
# Without `name` and one of `address` and `email` the form for enquiries is closed; without all three no consent is
# asked for.
# [controller]
# name = "Agency Ltd"
# address = "1 Example Street, 101000 Example"
# country = "RU"
# contact = "Data protection officer"
# email = "privacy@agency.example"
# storage = "RU"

# Mail. Without a server mail waits. The credentials file has the account on its first line, the password on its second.
# [mail]
# from = "hello@agency.example"
# host = "mail.agency.example"
# port = 465
# security = "tls"
# credentials_file = "/etc/anturazh/mail"

# Mail that comes: a folder of its own, such as one that collects what is sent to the address above.
# [inbox]
# host = "mail.agency.example"
# port = 993
# folder = "INBOX"
# credentials_file = "/etc/anturazh/mail"

# Backups: where to, and who can open them (age recipients).
# [backup]
# folder = "/var/backups/anturazh"
# recipients = ["age1…"]
# days = 90
# key_days = 30
# every = "24h"   # made by the server itself: minutes, hours or days ("90m", "24h", "7d")

# Outgoing requests (a key service, a sign-in provider) reach public addresses by https alone, but for these hosts.
# [outbound]
# inside_hosts = ["vault.inside.example"]
# plain_hosts = []

# Signing in by a provider (OpenID Connect); register "ADDRESS/sign-in/provider/0/back" there. Accounts are invited as
# always, and linked at their first sign-in.
# [[sign_in_by]]
# issuer = "https://login.agency.example"
# client_id = "anturazh"
# client_secret_file = "/etc/anturazh/provider"

# The agency's own site: name, headline, lead, services, contact, accent, budget_ranges.
# [agency]
# accent = "teal"
"#;

/// What the operator decides.
#[derive(Deserialize, Clone)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Configuration {
    /// Where to listen.
    pub(crate) listen: String,
    /// The address people and trackers use.
    pub(crate) address: Option<String>,
    /// Proxies whose forwarding headers are believed.
    pub(crate) trusted_proxies: Vec<String>,
    /// How many hits a second one address may send without a token; 0 is without limit.
    pub(crate) hits_per_second: u32,
    /// A MaxMind DB file for regions and cities.
    pub(crate) city_file: Option<PathBuf>,
    /// A MaxMind DB file for providers.
    pub(crate) provider_file: Option<PathBuf>,
    /// Where weaknesses are to be reported.
    pub(crate) security_contact: Option<String>,
    /// What a program elsewhere must bear to read `/metrics`.
    pub(crate) metrics_token: Option<String>,
    /// Address of a PostgreSQL database for the catalog.
    pub(crate) catalog: Option<String>,
    /// Dashboards need no sign-in. For demonstrations.
    pub(crate) public_dashboards: bool,
    /// Where people's data are kept.
    pub(crate) people: PeopleSettings,
    /// Who answers for people's data.
    pub(crate) controller: ControllerSettings,
    /// Mail out.
    pub(crate) mail: Option<MailSettings>,
    /// Mail in.
    pub(crate) inbox: Option<InboxSettings>,
    /// Backups.
    pub(crate) backup: Option<BackupSettings>,
    /// Hosts inside the operator's network that outgoing requests may reach.
    pub(crate) outbound: OutboundSettings,
    /// Providers by which staff may sign in (`OpenID` Connect).
    pub(crate) sign_in_by: Vec<ProviderConfiguration>,
    /// The agency's own site.
    pub(crate) agency: web::public::Agency,
}

/// Where people's data are kept.
#[derive(Deserialize, Clone, Default)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct PeopleSettings {
    /// PostgreSQL address of the sealed values.
    pub(crate) vault: Option<String>,
    /// PostgreSQL address of the wrapped keys.
    pub(crate) keys: Option<String>,
    /// The operator's key, an age identity file.
    pub(crate) operator_key: Option<PathBuf>,
    /// The operator's key at a key service instead.
    pub(crate) transit: Option<TransitSettings>,
}

/// A key at a service that speaks `HashiCorp` Vault's transit protocol.
#[derive(Deserialize, Clone)]
#[serde(deny_unknown_fields)]
pub(crate) struct TransitSettings {
    /// The service, such as `https://vault.example:8200`.
    pub(crate) url: String,
    /// Where the engine is mounted.
    #[serde(default = "transit_mount")]
    pub(crate) mount: String,
    /// The name of the key.
    pub(crate) key: String,
    /// A file with the token.
    pub(crate) token_file: PathBuf,
}

fn transit_mount() -> String {
    "transit".into()
}

/// Who answers for people's data.
#[derive(Deserialize, Clone, Default)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct ControllerSettings {
    pub(crate) name: Option<String>,
    pub(crate) address: Option<String>,
    pub(crate) country: Option<String>,
    pub(crate) contact: Option<String>,
    pub(crate) email: Option<String>,
    pub(crate) phone: Option<String>,
    pub(crate) storage: Option<String>,
}

/// How a connection for mail is protected.
#[derive(Deserialize, Clone, Copy, Default)]
#[serde(rename_all = "lowercase")]
pub(crate) enum MailSecurity {
    #[default]
    Tls,
    StartTls,
    /// To this machine only.
    Plain,
}

/// Mail out: a server, or a folder for demonstrations.
#[derive(Deserialize, Clone)]
#[serde(deny_unknown_fields)]
pub(crate) struct MailSettings {
    /// The address mail comes from.
    pub(crate) from: String,
    pub(crate) host: Option<String>,
    pub(crate) port: Option<u16>,
    #[serde(default)]
    pub(crate) security: MailSecurity,
    pub(crate) credentials_file: Option<PathBuf>,
    /// A folder for `.eml` files instead of a server.
    pub(crate) folder: Option<PathBuf>,
}

/// Mail in.
#[derive(Deserialize, Clone)]
#[serde(deny_unknown_fields)]
pub(crate) struct InboxSettings {
    pub(crate) host: String,
    pub(crate) port: Option<u16>,
    #[serde(default)]
    pub(crate) security: MailSecurity,
    pub(crate) folder: Option<String>,
    pub(crate) credentials_file: PathBuf,
}

/// What outgoing requests may reach beside public addresses.
#[derive(Deserialize, Clone, Default)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct OutboundSettings {
    /// Hosts that may have an inside address.
    pub(crate) inside_hosts: Vec<String>,
    /// Hosts that may be called without TLS.
    pub(crate) plain_hosts: Vec<String>,
}

/// A provider by which staff may sign in.
#[derive(Deserialize, Clone)]
#[serde(deny_unknown_fields)]
pub(crate) struct ProviderConfiguration {
    /// The issuer, exactly as the provider writes it.
    pub(crate) issuer: String,
    /// What the provider calls this installation.
    pub(crate) client_id: String,
    /// A file with its secret there.
    pub(crate) client_secret_file: Option<PathBuf>,
    /// Values of `amr` that count as a second factor.
    #[serde(default)]
    pub(crate) second_factor_amr: Vec<String>,
    /// Values of `acr` that count as a second factor.
    #[serde(default)]
    pub(crate) second_factor_acr: Vec<String>,
}

/// Backups.
#[derive(Deserialize, Clone)]
#[serde(deny_unknown_fields)]
pub(crate) struct BackupSettings {
    /// Where to.
    pub(crate) folder: PathBuf,
    /// Who can open them: age recipients.
    pub(crate) recipients: Vec<String>,
    /// How many days backups of data are kept.
    pub(crate) days: Option<u16>,
    /// How many days backups of keys are kept: after that, what was erased is gone from backups too.
    pub(crate) key_days: Option<u16>,
    /// How often the server makes them by itself; not at all if this is not set.
    pub(crate) every: Option<Every>,
}

/// A time between two events in milliseconds, written such as `90m`, `24h` or `7d`.
#[derive(Deserialize, Clone, Copy, PartialEq, Eq, Debug)]
#[serde(try_from = "String")]
pub(crate) struct Every(pub(crate) i64);

impl TryFrom<String> for Every {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        const WRONG: &str = "write minutes, hours or days between `5m` and `28d`, such as `24h`";
        let unit_ms = match text.bytes().last() {
            Some(b'm') => MINUTE_MS,
            Some(b'h') => HOUR_MS,
            Some(b'd') => DAY_MS,
            _ => return Err(WRONG),
        };
        let number: u16 = text[..text.len() - 1].parse().map_err(|_| WRONG)?;
        let ms = i64::from(number) * unit_ms;
        if (5 * MINUTE_MS..=28 * DAY_MS).contains(&ms) {
            Ok(Self(ms))
        } else {
            Err(WRONG)
        }
    }
}

impl Default for Configuration {
    fn default() -> Self {
        Self {
            listen: "127.0.0.1:8080".into(),
            address: None,
            trusted_proxies: Vec::new(),
            hits_per_second: 100,
            city_file: None,
            provider_file: None,
            security_contact: None,
            metrics_token: None,
            catalog: None,
            public_dashboards: false,
            people: PeopleSettings::default(),
            controller: ControllerSettings::default(),
            mail: None,
            inbox: None,
            backup: None,
            outbound: OutboundSettings::default(),
            sign_in_by: Vec::new(),
            agency: web::public::Agency::default(),
        }
    }
}

impl Configuration {
    /// Reads a configuration; an unknown or wrong setting is named with its line.
    pub(crate) fn read(path: &std::path::Path) -> anyhow::Result<Self> {
        let text =
            std::fs::read_to_string(path).with_context(|| format!("failed to read `{}`", path.display()))?;
        let understood = || format!("failed to understand `{}`", path.display());
        let configuration: Self = toml::from_str(&text).with_context(understood)?;
        configuration.check().with_context(understood)?;
        Ok(configuration)
    }

    /// What the single settings do not say.
    fn check(&self) -> anyhow::Result<()> {
        let mut ranges = std::collections::HashSet::new();
        for range in &self.agency.budget_ranges {
            if let Some(why) = range.fault() {
                bail!("`agency.budget_ranges`: the id `{}` {why}", range.id);
            }
            if !ranges.insert(&range.id) {
                bail!("`agency.budget_ranges`: the id `{}` stands twice", range.id);
            }
        }
        if let Some(backup) = &self.backup {
            ::backup::Recipients::parse(&backup.recipients).context(
                "`backup.recipients` must name at least one `age1…`: `age-keygen -o backup.age` makes an identity and \
                 prints it; keep the file outside this machine",
            )?;
        }
        if let Some(backup) = &self.backup
            && let (Some(every), Some(days)) = (backup.every, backup.key_days)
            // Backups of keys go a day before they are so old.
            && every.0 >= (i64::from(days) - 1) * DAY_MS
        {
            bail!(
                "`backup.every` must be shorter than `backup.key_days` less a day: there would be times without keys"
            );
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_configuration_is_the_default_and_mistakes_are_named() {
        let first: Configuration = toml::from_str(FIRST).unwrap();
        assert_eq!(first.listen, Configuration::default().listen);
        assert_eq!(first.hits_per_second, Configuration::default().hits_per_second);
        assert!(first.trusted_proxies.is_empty() && first.address.is_none());
        let Err(error) = toml::from_str::<Configuration>("lisen = 'x'") else {
            panic!("a misspelt setting was taken")
        };
        assert!(error.to_string().contains("lisen"), "{error}");
    }

    #[test]
    fn backups_of_keys_last_until_the_next() {
        let recipient = ::backup::Identity::generate().1;
        for (every, days, is_right) in [
            ("7d", 30, true),
            ("7d", 8, false),
            ("28d", 29, false),
            ("23h", 2, true),
        ] {
            let text = format!(
                "[backup]\nfolder = '/b'\nrecipients = ['{recipient}']\nevery = '{every}'\nkey_days = {days}"
            );
            let configuration: Configuration = toml::from_str(&text).unwrap();
            assert_eq!(configuration.check().is_ok(), is_right, "{every} {days}");
        }
        let nobody: Configuration = toml::from_str("[backup]\nfolder = '/b'\nrecipients = []").unwrap();
        let error = format!("{:#}", nobody.check().unwrap_err());
        assert!(
            error.contains("`backup.recipients`") && error.contains("age-keygen"),
            "{error}"
        );
    }

    #[test]
    fn times_between_backups_are_read_and_bounded() {
        for (text, want) in [
            ("5m", Some(5 * MINUTE_MS)),
            ("24h", Some(DAY_MS)),
            ("28d", Some(28 * DAY_MS)),
            ("4m", None),
            ("29d", None),
            ("24", None),
            ("h", None),
            ("-1h", None),
            ("24 h", None),
            ("1ч", None),
        ] {
            assert_eq!(Every::try_from(text.to_owned()).ok(), want.map(Every), "{text}");
        }
    }
}
