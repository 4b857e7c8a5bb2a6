//! Writes the demo's own city file in MaxMind DB format, as an operator would bring one.
//!
//! Layout after the MaxMind DB File Format Specification 2.0: a binary search tree of 24-bit records over IPv4
//! addresses, 16 zero bytes, the data section, then the metadata behind its marker.

use super::places::{CITY_PREFIX_BITS, COUNTRIES};

/// The file's bytes.
pub(crate) fn mmdb() -> Vec<u8> {
    const EMPTY: u32 = u32::MAX;
    /// Leaves carry the place of their data with this bit, until the number of nodes is known.
    const DATA: u32 = 1 << 31;
    let mut nodes = vec![[EMPTY; 2]];
    let mut data = Vec::new();
    for country in COUNTRIES {
        for (city, (region, name, _)) in country.cities.iter().enumerate() {
            let leaf = DATA | data.len() as u32;
            write_city(&mut data, country.code, region, name);
            let network = u32::from_be_bytes(country.city_network(city));
            let mut node = 0;
            for depth in 0..CITY_PREFIX_BITS {
                let side = (network >> (31 - depth) & 1) as usize;
                if depth + 1 == CITY_PREFIX_BITS {
                    nodes[node][side] = leaf;
                } else {
                    if nodes[node][side] == EMPTY {
                        nodes.push([EMPTY; 2]);
                        nodes[node][side] = nodes.len() as u32 - 1;
                    }
                    node = nodes[node][side] as usize;
                }
            }
        }
    }
    let count = nodes.len() as u32;
    let mut file = Vec::new();
    for record in nodes.iter().flatten() {
        let value = match *record {
            EMPTY => count,
            leaf if leaf & DATA != 0 => count + 16 + (leaf & !DATA),
            node => node,
        };
        file.extend_from_slice(&value.to_be_bytes()[1..]);
    }
    file.extend_from_slice(&[0; 16]);
    file.extend_from_slice(&data);
    file.extend_from_slice(b"\xAB\xCD\xEFMaxMind.com");
    write_map(&mut file, 9);
    for (key, bytes, number) in [
        ("node_count", 4, u64::from(count)),
        ("record_size", 2, 24),
        ("ip_version", 2, 4),
        ("binary_format_major_version", 2, 2),
        ("binary_format_minor_version", 2, 0),
    ] {
        write_text(&mut file, key);
        write_number(&mut file, if bytes == 4 { 6 } else { 5 }, number);
    }
    write_text(&mut file, "build_epoch");
    write_number(&mut file, 9, 1_767_225_600);
    write_text(&mut file, "database_type");
    write_text(&mut file, "Anturazh-Demo-City");
    write_text(&mut file, "languages");
    file.extend_from_slice(&[0x01, 0x04]);
    write_text(&mut file, "en");
    write_text(&mut file, "description");
    write_map(&mut file, 1);
    write_text(&mut file, "en");
    write_text(&mut file, "Cities of simulated visitors");
    file
}

fn write_city(data: &mut Vec<u8>, country: &str, region: &str, city: &str) {
    write_map(data, 3);
    write_text(data, "city");
    write_names(data, city);
    write_text(data, "country");
    write_map(data, 1);
    write_text(data, "iso_code");
    write_text(data, country);
    write_text(data, "subdivisions");
    data.extend_from_slice(&[0x01, 0x04]);
    write_map(data, 1);
    write_text(data, "iso_code");
    write_text(data, region);
}

fn write_names(data: &mut Vec<u8>, name: &str) {
    write_map(data, 1);
    write_text(data, "names");
    write_map(data, 1);
    write_text(data, "en");
    write_text(data, name);
}

/// Control byte of a map: type 7, size below 29.
fn write_map(data: &mut Vec<u8>, entries: u8) {
    data.push((7 << 5) + entries);
}

/// Control byte of a text: type 2; a size from 29 to 284 takes one more byte.
fn write_text(data: &mut Vec<u8>, text: &str) {
    if text.len() < 29 {
        data.push((2 << 5) + text.len() as u8);
    } else {
        data.extend_from_slice(&[(2 << 5) + 29, (text.len() - 29) as u8]);
    }
    data.extend_from_slice(text.as_bytes());
}

/// An unsigned number of an own type (5: 16 bits, 6: 32 bits, 9: 64 bits, which is an extended type).
fn write_number(data: &mut Vec<u8>, kind: u8, number: u64) {
    let bytes = number.to_be_bytes();
    let bytes = &bytes[bytes.iter().position(|b| *b != 0).unwrap_or(8)..];
    if kind <= 7 {
        data.push((kind << 5) + bytes.len() as u8);
    } else {
        data.extend_from_slice(&[bytes.len() as u8, kind - 7]);
    }
    data.extend_from_slice(bytes);
}
