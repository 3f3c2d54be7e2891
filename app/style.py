"""The page's style: headings, the lead, and the table that turns into a list on a narrow screen.

Colours mix from the text's own, so that they hold in light and dark.
"""

STYLE = """<style>
.stMainBlockContainer { padding-top: 4.3rem; padding-bottom: 3rem; max-width: 78rem; }
.pl-title { font-size: 1.9rem; font-weight: 650; line-height: 1.2; padding: 0 0 0.2rem; margin: 0; }
h2 { font-size: 1.3rem !important; font-weight: 650 !important; padding-top: 1.4rem !important; }
h3 { font-size: 1.05rem !important; font-weight: 600 !important; }
.stSidebar h2 { font-size: 1.25rem !important; padding-top: 0 !important; }
.stSidebar h3 { padding: 0.6rem 0 0 !important; }
.pl-muted, .pl-words, .pl-unit, .pl-span, .pl-unsure {
  color: color-mix(in srgb, currentColor 68%, transparent); font-weight: 400;
}
[data-testid="stButtonGroup"] button[data-selected="true"] { color: inherit !important; }
[data-testid="stCaptionContainer"] { opacity: 0.78 !important; }
.pl-eyebrow { font-size: 0.82rem; letter-spacing: 0.06em; text-transform: uppercase; margin: 0; }
.pl-lead { font-size: 1.14rem; line-height: 1.5; max-width: 62rem; margin: 0.1rem 0 0.35rem; text-wrap: pretty; }
.pl-why { font-size: 0.98rem; line-height: 1.5; max-width: 62rem; margin: 0 0 0.2rem; }
.pl-dot { display: inline-block; width: 0.68em; height: 0.68em; border-radius: 50%; margin-right: 0.42em; }
.pl-rule { font-size: 0.86rem; line-height: 1.35; margin: 0 0 0.5rem; }
.pl-claims { display: flex; flex-wrap: wrap; gap: 0.2rem 0.3rem; margin-top: 0.22rem; }
.pl-badge {
  border: 1px solid color-mix(in srgb, currentColor 30%, transparent); border-radius: 0.7rem; padding: 0 0.42rem;
  font-size: 0.72rem; line-height: 1.35; white-space: nowrap; color: color-mix(in srgb, currentColor 84%, transparent);
}
[class*="st-key-behind_"] { margin-top: -1.1rem; }
[class*="st-key-behind_"] button { font-size: 0.86rem; }
.katex-display { overflow-x: auto; overflow-y: hidden; padding: 0.2rem 0; }
.stTable th, .stTable td { overflow-wrap: anywhere; white-space: normal !important; }
.stMarkdown td code { white-space: normal; overflow-wrap: anywhere; }
.pl-entries { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(22rem, 100%), 1fr)); gap: 1rem 2rem; }
.pl-entry { font-size: 0.95rem; line-height: 1.4; }
.pl-entry .pl-words { max-width: none; }
.pl-guide { margin: 0 0 0.9rem; }
.pl-meaning { font-size: 0.82rem; line-height: 1.4; margin: 0 0 0.25rem; }
[data-testid="stPopoverBody"] { max-width: min(42rem, 94vw); }
.pl-box { container-type: inline-size; overflow-x: auto; }
.pl-table { width: 100%; border-collapse: collapse; font-variant-numeric: tabular-nums; font-size: 0.95rem; }
.pl-table th, .pl-table td { border: 0; border-bottom: 1px solid color-mix(in srgb, currentColor 16%, transparent); }
.pl-table thead th { text-align: right; font-weight: 600; padding: 0.35rem 0 0.45rem 1.2rem; white-space: nowrap; }
.pl-table thead th:first-child { text-align: left; padding-left: 0; }
.pl-table tbody th { text-align: left; vertical-align: top; padding: 0.6rem 0.4rem 0.6rem 0; min-width: 13rem; }
.pl-table td { text-align: right; vertical-align: top; padding: 0.6rem 0 0.6rem 1.2rem; white-space: nowrap; }
.pl-name { font-weight: 600; }
.pl-unit { font-size: 0.84rem; }
.pl-words { display: block; font-size: 0.86rem; line-height: 1.35; max-width: 25rem; }
.pl-value { display: block; font-size: 1.08rem; font-weight: 600; line-height: 1.3; }
.pl-span { display: block; font-size: 0.82rem; }
.pl-equal, .pl-sure, .pl-unsure { display: block; font-size: 0.82rem; }
.pl-equal { font-style: italic; }
.pl-sure { font-weight: 600; }
.pl-ends { white-space: nowrap; }
.pl-who { display: none; }
.pl-many tbody th { min-width: 9.5rem; }
.pl-many td, .pl-many thead th:not(:first-child) { padding-left: 0.7rem !important; }
.pl-many .pl-sure, .pl-many .pl-unsure { white-space: normal; max-width: 7.6rem; margin-left: auto; }
@media (max-width: 40rem) {
  .stMarkdown table, .stMarkdown tbody, .stMarkdown tr, .stMarkdown td { display: block; border: 0 !important; }
  .stMarkdown thead { position: absolute; clip-path: inset(50%); }
  .stMarkdown tr { padding: 0.4rem 0;
    border-bottom: 1px solid color-mix(in srgb, currentColor 22%, transparent) !important; }
  .stMarkdown td { padding: 0.1rem 0 !important; overflow-wrap: anywhere; }
  .stMarkdown td .katex { white-space: normal; }
  .stMarkdown td .katex .base { width: auto; }
}
@container (max-width: 34rem) {
  .pl-table thead { position: absolute; clip-path: inset(50%); }
  .pl-table, .pl-table tbody, .pl-table tr, .pl-table tbody th { display: block; }
  .pl-table tr { border-bottom: 1px solid color-mix(in srgb, currentColor 22%, transparent); padding: 0.55rem 0; }
  .pl-table tbody th, .pl-table td { border: 0; padding: 0.12rem 0; }
  .pl-table td { display: grid; grid-template-columns: 1fr auto; column-gap: 0.8rem; align-items: baseline; }
  .pl-who { display: block; text-align: left; font-size: 0.92rem; }
  .pl-value { font-size: 1rem; }
  .pl-span { grid-area: 2 / 2; }
  .pl-equal, .pl-sure, .pl-unsure { grid-area: 2 / 1; text-align: left; padding-left: 1.25em; }
  .pl-many td { padding-left: 0 !important; }
  .pl-many .pl-sure, .pl-many .pl-unsure { max-width: none; margin-left: 0; }
}
</style>"""
