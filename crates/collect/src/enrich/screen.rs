//! Classes of screen width.

/// The class of a screen that wide, in CSS pixels. The bounds are those at which common layouts change.
pub fn screen_class(width: u32) -> &'static str {
    match width {
        0..=575 => "0-575",
        576..=767 => "576-767",
        768..=991 => "768-991",
        992..=1439 => "992-1439",
        1440..=1919 => "1440-1919",
        1920.. => "1920+",
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn every_width_has_its_class() {
        for (width, class) in [
            (0, "0-575"),
            (575, "0-575"),
            (576, "576-767"),
            (768, "768-991"),
            (992, "992-1439"),
            (1440, "1440-1919"),
            (1919, "1440-1919"),
            (u32::MAX, "1920+"),
        ] {
            assert_eq!(super::screen_class(width), class);
        }
    }
}
