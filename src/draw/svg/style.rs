//! The styles of a picture. Each rule names the picture's class, so that a page can contain several pictures and its
//! own styles.

/// Style rules. Colours are GitHub's, which have enough contrast in light and in dark.
pub(super) const STYLE: &str = "\
.olm-graph text { font: 13px ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', 'Liberation Mono', monospace; fill: #1f2328; }
.olm-graph .title, .olm-graph .chain { font-weight: 600; }
.olm-graph text.quiet { fill: #59636e; }
.olm-graph text.wrong { fill: #cf222e; }
.olm-graph text.old { fill: #7d4e00; }
.olm-graph .page { fill: #ffffff; stroke: #d1d9e0; }
.olm-graph path { fill: none; stroke-width: 1.6; stroke-linecap: round; stroke-linejoin: round; }
.olm-graph .replaces { stroke: #0969da; stroke-width: 2; }
.olm-graph .skips { stroke: #9a6700; stroke-dasharray: 5 4; }
.olm-graph .range { stroke: #8250df; stroke-dasharray: 0.5 4; stroke-width: 2; }
.olm-graph .tip { stroke: none; }
.olm-graph .replaces-tip { fill: #0969da; }
.olm-graph .skips-tip { fill: #9a6700; }
.olm-graph .range-tip { fill: #8250df; }
.olm-graph .pale path { stroke-width: 1.2; }
.olm-graph .pale .replaces { stroke: #b6d5f7; }
.olm-graph .pale .skips { stroke: #e3d2b0; }
.olm-graph .pale .range { stroke: #dccdf7; }
.olm-graph .pale .replaces-tip { fill: #b6d5f7; }
.olm-graph .pale .skips-tip { fill: #e3d2b0; }
.olm-graph .pale .range-tip { fill: #dccdf7; }
.olm-graph .dot { stroke-width: 2; fill: #0969da; stroke: #0969da; }
.olm-graph .dot.head { fill: #1a7f37; stroke: #1a7f37; }
.olm-graph .dot.deprecated { fill: #bf8700; stroke: #bf8700; }
.olm-graph .dot.defect { fill: #cf222e; stroke: #cf222e; }
.olm-graph .dot.skipped, .olm-graph .dot.missing { stroke: #818b98; }
.olm-graph .dot.missing { stroke-dasharray: 2 2.5; }
.olm-graph .dot.hollow { fill: #ffffff; }
.olm-graph .pill rect { fill: #eff2f5; stroke: #d1d9e0; }
.olm-graph .pill text { font-size: 11px; fill: #59636e; }
.olm-graph .pill.head rect { fill: #dafbe1; stroke: #4ac26b; }
.olm-graph .pill.head text { fill: #116329; }
.olm-graph .pill.span rect { fill: #fbefff; stroke: #c297ff; }
.olm-graph .pill.span text { fill: #6639ba; }
.olm-graph .pill.deprecated rect { fill: #fff8c5; stroke: #d4a72c; }
.olm-graph .pill.deprecated text { fill: #7d4e00; }
.olm-graph .pill.defect rect { fill: #ffebe9; stroke: #ff8182; }
.olm-graph .pill.defect text { fill: #a40e26; }
@media (prefers-color-scheme: dark) {
.olm-graph text { fill: #f0f6fc; }
.olm-graph text.quiet { fill: #9198a1; }
.olm-graph text.wrong { fill: #ff7b72; }
.olm-graph text.old { fill: #d29922; }
.olm-graph .page { fill: #0d1117; stroke: #3d444d; }
.olm-graph .replaces { stroke: #4493f8; }
.olm-graph .skips { stroke: #d29922; }
.olm-graph .range { stroke: #ab7df8; }
.olm-graph .replaces-tip { fill: #4493f8; }
.olm-graph .skips-tip { fill: #d29922; }
.olm-graph .range-tip { fill: #ab7df8; }
.olm-graph .pale .replaces { stroke: #28507f; }
.olm-graph .pale .skips { stroke: #67501d; }
.olm-graph .pale .range { stroke: #56457f; }
.olm-graph .pale .replaces-tip { fill: #28507f; }
.olm-graph .pale .skips-tip { fill: #67501d; }
.olm-graph .pale .range-tip { fill: #56457f; }
.olm-graph .dot { fill: #4493f8; stroke: #4493f8; }
.olm-graph .dot.head { fill: #3fb950; stroke: #3fb950; }
.olm-graph .dot.deprecated { fill: #d29922; stroke: #d29922; }
.olm-graph .dot.defect { fill: #f85149; stroke: #f85149; }
.olm-graph .dot.skipped, .olm-graph .dot.missing { stroke: #9198a1; }
.olm-graph .dot.hollow { fill: #0d1117; }
.olm-graph .pill rect { fill: #212830; stroke: #3d444d; }
.olm-graph .pill text { fill: #9198a1; }
.olm-graph .pill.head rect { fill: #12261e; stroke: #238636; }
.olm-graph .pill.head text { fill: #3fb950; }
.olm-graph .pill.span rect { fill: #211d33; stroke: #8957e5; }
.olm-graph .pill.span text { fill: #ab7df8; }
.olm-graph .pill.deprecated rect { fill: #272115; stroke: #9e6a03; }
.olm-graph .pill.deprecated text { fill: #d29922; }
.olm-graph .pill.defect rect { fill: #25171c; stroke: #da3633; }
.olm-graph .pill.defect text { fill: #f85149; }
}
";
