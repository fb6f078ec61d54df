//! Where something stands in a page's text.

use std::ops::Range;

/// Byte range within the text of one page.
pub type Span = Range<usize>;
