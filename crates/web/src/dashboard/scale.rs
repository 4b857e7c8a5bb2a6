//! The steps of a chart's scale.

use super::measure::Unit;

/// The steps of the scale: at most five, round, and the top one at or above `most`.
pub(super) fn scale(most: f64, unit: Unit) -> (f64, usize) {
    if most <= 0.0 {
        return (
            if unit == Unit::Percent { 25.0 } else { 1.0 },
            if unit == Unit::Percent { 4 } else { 1 },
        );
    }
    let rough = most / 4.0;
    let step = if unit == Unit::Seconds {
        let round = [
            1.0, 2.0, 5.0, 10.0, 15.0, 30.0, 60.0, 120.0, 180.0, 300.0, 600.0, 900.0, 1800.0, 3600.0, 7200.0,
        ];
        round
            .into_iter()
            .find(|s| *s >= rough)
            .unwrap_or_else(|| (rough / 3600.0).ceil() * 3600.0)
    } else {
        let power = 10f64.powf(rough.log10().floor());
        let step = [1.0, 2.0, 2.5, 5.0, 10.0]
            .into_iter()
            .map(|m| m * power)
            .find(|s| *s >= rough * 0.999)
            .unwrap_or(10.0 * power);
        if unit == Unit::Count {
            if step < 1.0 {
                1.0
            } else if (step - 2.5).abs() < 0.01 {
                3.0
            } else {
                step
            }
        } else {
            step
        }
    };
    (step, (most / step).ceil().max(1.0) as usize)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scales_are_round_and_reach_the_top() {
        for (most, unit, step, steps) in [
            (0.0, Unit::Count, 1.0, 1),
            (1.0, Unit::Count, 1.0, 1),
            (7.0, Unit::Count, 2.0, 4),
            (9.0, Unit::Count, 3.0, 3),
            (100.0, Unit::Percent, 25.0, 4),
            (1_234.0, Unit::Count, 500.0, 3),
            (0.9, Unit::Ratio, 0.25, 4),
            (95.0, Unit::Seconds, 30.0, 4),
            (100_000.0, Unit::Seconds, 25_200.0, 4),
        ] {
            let got = scale(most, unit);
            assert_eq!(got, (step, steps), "{most}");
            assert!(got.0 * got.1 as f64 >= most);
        }
    }
}
