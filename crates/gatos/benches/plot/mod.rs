//! Times and memory over sizes, as an SVG with two panels.

use std::fmt::Write as _;

/// What one size took.
pub(crate) struct Point {
    pub(crate) events: f64,
    pub(crate) seconds: f64,
    pub(crate) megabytes: f64,
}

const WIDTH: f64 = 360.0;
const HEIGHT: f64 = 240.0;
const MARGIN: f64 = 50.0;

/// The plot; both axes begin at zero, so that what is linear is a straight line.
pub(crate) fn svg(points: &[Point]) -> String {
    let (width, height) = (2.0 * (WIDTH + 2.0 * MARGIN), HEIGHT + 2.0 * MARGIN);
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" \
         font-family=\"sans-serif\" font-size=\"12\">\n\
         <rect width=\"{width}\" height=\"{height}\" fill=\"white\"/>\n"
    );
    panel(&mut out, 0.0, "seconds", points, |point| point.seconds);
    let left = WIDTH + 2.0 * MARGIN;
    panel(&mut out, left, "MB resident at most", points, |point| {
        point.megabytes
    });
    out.push_str("</svg>\n");
    out
}

fn panel(
    out: &mut String,
    left: f64,
    title: &str,
    points: &[Point],
    value: impl Fn(&Point) -> f64,
) {
    let most = |of: &dyn Fn(&Point) -> f64| points.iter().map(of).fold(1e-9, f64::max);
    let (right, top) = (most(&|point| point.events), most(&value));
    let x = |events: f64| left + MARGIN + events / right * WIDTH;
    let y = |value: f64| MARGIN + HEIGHT - value / top * HEIGHT;
    let line: Vec<String> = points
        .iter()
        .map(|point| format!("{:.1},{:.1}", x(point.events), y(value(point))))
        .collect();
    let axes = [
        format!("{:.1},{:.1}", x(0.0), y(top)),
        format!("{:.1},{:.1}", x(0.0), y(0.0)),
        format!("{:.1},{:.1}", x(right), y(0.0)),
    ];
    for (points, colour) in [(&axes[..], "black"), (&line[..], "#0060a0")] {
        let points = points.join(" ");
        let _ = writeln!(
            out,
            "<polyline points=\"{points}\" fill=\"none\" stroke=\"{colour}\"/>"
        );
    }
    for point in points {
        let (x, y) = (x(point.events), y(value(point)));
        let _ = writeln!(
            out,
            "<circle cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"3\" fill=\"#0060a0\"/>"
        );
    }
    let texts = [
        (x(0.0), MARGIN - 12.0, format!("{title}, at most {top:.1}")),
        (
            x(0.0),
            MARGIN + HEIGHT + 20.0,
            format!("0 to {right} events"),
        ),
    ];
    for (x, y, text) in texts {
        let _ = writeln!(out, "<text x=\"{x:.1}\" y=\"{y:.1}\">{text}</text>");
    }
}
