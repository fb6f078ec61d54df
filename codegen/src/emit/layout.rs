//! From items to text that reads well.

use syn::{Item, ItemMacro, Macro, MacroDelimiter};

/// The items of one file, and those that are written as text.
///
/// These are structs, and macro calls whose lines list fields and values, one line each so that a new field
/// or value changes one line of the diff. The formatter sees a short stand-in for each.
#[derive(Default)]
pub struct Page {
    pub items: Vec<Item>,
    lists: Vec<String>,
}

impl Page {
    /// An item that is written as `text`, line by line.
    pub fn list(&mut self, text: String) -> Item {
        let number = proc_macro2::Literal::usize_unsuffixed(self.lists.len());
        self.lists.push(text);
        Item::Macro(ItemMacro {
            attrs: Vec::new(),
            ident: None,
            mac: Macro {
                path: super::ident("list").into(),
                bang_token: Default::default(),
                delimiter: MacroDelimiter::Paren(Default::default()),
                tokens: proc_macro2::TokenTree::from(number).into(),
            },
            semi_token: Some(Default::default()),
        })
    }

    /// The text, with an empty line between items.
    pub fn text(self) -> String {
        let file = syn::File {
            shebang: None,
            attrs: Vec::new(),
            items: self.items,
        };
        let text = prettyplease::unparse(&file);
        let mut out = String::with_capacity(text.len() + text.len() / 4);
        let mut before = "";
        for line in text.lines() {
            let body = line.trim_start();
            let list = body
                .strip_prefix("list!(")
                .and_then(|rest| rest.strip_suffix(");"))
                .and_then(|number| self.lists.get(number.parse::<usize>().ok()?));
            let ends_item = before.ends_with('}') || before.ends_with(';');
            let joined = list.is_some_and(|list| !list.contains('\n'));
            if ends_item && !joined && !body.starts_with(['}', ')', ']']) && !body.starts_with("..") {
                out.push('\n');
            }
            match list {
                Some(list) => {
                    for part in list.lines() {
                        out.push_str(&line[..line.len() - body.len()]);
                        out.push_str(part);
                        out.push('\n');
                    }
                }
                None => {
                    out.push_str(line);
                    out.push('\n');
                }
            }
            before = line;
        }
        out
    }
}
