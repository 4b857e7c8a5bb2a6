//! Currencies in use.

use crate::suggestion::near;
use crate::{Error, Problem};
use vocabulary::Currency;

/// Codes of money in use. Source: ISO 4217, list one as of 2026 (BGN, HRK, ANG and SLL have gone; VED, XCG and ZWG have
/// come), without funds, units of account, metals and test codes.
const IN_USE: &str = "AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BHD BIF BMD BND BOB BRL BSD BTN BWP BYN BZD CAD \
    CDF CHF CLP CNY COP CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GNF GTQ GYD HKD \
    HNL HTG HUF IDR ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD LSL LYD MAD \
    MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR \
    RON RSD RUB RWF SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TND TOP TRY TTD TWD TZS \
    UAH UGX USD UYU UZS VED VES VND VUV WST XAF XCD XCG XOF XPF YER ZAR ZMW ZWG";

/// Reads a currency, refusing codes that are no money in use.
pub(crate) fn checked(text: &str) -> Result<Currency, Error> {
    let refused = |problem| Error::Refused {
        field: "currency",
        problem,
    };
    let currency = Currency::parse(text).map_err(|e| refused(e.into()))?;
    let codes = || IN_USE.split_whitespace();
    if codes().any(|code| code == currency.as_str()) {
        return Ok(currency);
    }
    Err(refused(Problem::Currency {
        given: currency.to_string(),
        near: near(currency.as_str(), codes()),
    }))
}
