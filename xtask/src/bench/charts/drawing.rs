//! What every chart has: the frame, the colours for light and for dark, text that XML bears.

/// An SVG of this size with a title; everything else is drawn by hand.
pub(super) fn frame(width: f64, height: f64, title: &str, body: &str) -> String {
    let title = escape(title);
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" width=\"{width}\" height=\"{height}\" role=\"img\">\n\
         <title>{title}</title>\n<style>{STYLE}</style>\n\
         <rect class=\"page\" width=\"100%\" height=\"100%\" rx=\"6\"/>\n\
         <text class=\"title\" x=\"{MARGIN}\" y=\"30\">{title}</text>\n{body}</svg>\n"
    )
}

/// A text at a place; `anchor` is start, middle or end.
pub(super) fn text(class: &str, anchor: &str, (x, y): (f64, f64), text: &str) -> String {
    let text = escape(text);
    format!(
        "<text class=\"{class}\" text-anchor=\"{anchor}\" x=\"{x:.1}\" y=\"{y:.1}\">{text}</text>\n"
    )
}

pub(super) fn line(class: &str, (x1, y1): (f64, f64), (x2, y2): (f64, f64)) -> String {
    format!(
        "<line class=\"{class}\" x1=\"{x1:.1}\" y1=\"{y1:.1}\" x2=\"{x2:.1}\" y2=\"{y2:.1}\"/>\n"
    )
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

/// What is left free at the edges.
pub(super) const MARGIN: f64 = 20.0;

/// The page is coloured too, so that what shows the picture cannot be dark where the reader's setting is light.
const STYLE: &str = "\
text{font:12px system-ui,-apple-system,'Segoe UI','DejaVu Sans',sans-serif;fill:#1f2328}\
.title{font-size:16px;font-weight:600}.head{font-weight:600}.note{fill:#59636e;font-size:11px}\
.page{fill:#fff;stroke:#d1d9e0}.grid{stroke:#d1d9e0}.axis{stroke:#59636e}\
rect.ours{fill:#0b7a75}rect.peer{fill:#8c96a3}rect.floor{fill:#d0a24c}\
path{fill:none;stroke-width:2}path.ours,circle.ours{stroke:#0b7a75}path.peer,circle.peer{stroke:#8c96a3}\
path.floor,circle.floor{stroke:#d0a24c}circle{fill:#fff;stroke-width:2}\
text.ours{fill:#0b7a75;font-weight:600}\
@media (prefers-color-scheme:dark){text{fill:#e6edf3}.note{fill:#9198a1}\
.page{fill:#0d1117;stroke:#3d444d}.grid{stroke:#3d444d}.axis{stroke:#9198a1}\
rect.ours{fill:#2fb5ad}rect.peer{fill:#6e7681}rect.floor{fill:#a8802f}\
path.ours,circle.ours{stroke:#2fb5ad}path.peer,circle.peer{stroke:#8b949e}path.floor,circle.floor{stroke:#a8802f}\
circle{fill:#0d1117}text.ours{fill:#2fb5ad}}";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_cannot_end_its_element() {
        let drawn = text("note", "start", (1.0, 2.0), "a < b & c");
        assert!(drawn.contains(">a &lt; b &amp; c</text>"), "{drawn}");
        assert!(frame(1.0, 1.0, "</title>", "").contains("<title>&lt;/title&gt;</title>"));
    }
}
