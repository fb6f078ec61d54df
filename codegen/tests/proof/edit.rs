//! Every row of a table, edited in each way that can break a caller.

use wechatpay_codegen::ir::{Api, Operation, Property, Type};
use wechatpay_codegen::syntax::Row;

#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Edit {
    Remove,
    Rename,
    Retype,
    List,
    Flip,
}

pub const EDITS: [Edit; 5] = [Edit::Remove, Edit::Rename, Edit::Retype, Edit::List, Edit::Flip];

/// The page with one row edited; nothing if the row cannot be edited so.
pub fn page(text: &str, row: &Row, edit: Edit) -> Option<String> {
    let lines: Vec<&str> = text.split_inclusive('\n').collect();
    let line = *lines.get(row.line - 1)?;
    let name = row.name();
    let at = line.find(name).filter(|_| !name.is_empty())?;
    let after = at + name.len();
    let cell = after + line[after..].find('|')?;
    let end = cell + 1 + line[cell + 1..].find('|').unwrap_or(line.len() - cell - 1);
    let edited = match edit {
        Edit::Remove => String::new(),
        Edit::Rename => format!("{}zz_{}", &line[..at], &line[at..]),
        Edit::Retype | Edit::List => {
            let types = ["string", "integer", "number", "boolean", "object"];
            let ty = types.into_iter().find(|ty| line[cell..end].contains(ty))?;
            let new = match (edit, ty) {
                (Edit::Retype, "string") => "integer",
                (Edit::Retype, _) => "string",
                _ if line[cell..end].contains("[]") => "",
                _ => "[]",
            };
            let new_cell = match edit {
                Edit::Retype => line[cell..end].replacen(ty, new, 1),
                _ => {
                    let cell = line[cell..end].replacen("[]", "", 1);
                    cell.replacen(ty, &format!("{ty}{new}"), 1)
                }
            };
            format!("{}{new_cell}{}", &line[..cell], &line[end..])
        }
        Edit::Flip if line[..cell].contains("data-required") => line.replacen("data-required", "", 1),
        Edit::Flip => match line[..cell].find('{').filter(|brace| *brace >= after) {
            Some(brace) => format!("{}data-required {}", &line[..=brace], &line[brace + 1..]),
            None => format!("{} {{data-required}}{}", &line[..after], &line[after..]),
        },
    };
    let edited = edited.replace("{}", "");
    let mut text = lines[..row.line - 1].concat();
    text.push_str(&edited);
    text.push_str(&lines[row.line..].concat());
    Some(text)
}

/// How many properties an operation has.
pub fn count(operation: &Operation) -> usize {
    fn all(list: &[Property]) -> usize {
        list.iter().map(|row| 1 + all(&row.schema.properties)).sum()
    }
    let mut operation = operation.clone();
    operation.lists_mut().into_iter().map(|list| all(list)).sum()
}

/// The operation alone, its property number `at` (in order of place) edited.
pub fn operation(operation: &Operation, at: usize, edit: Edit) -> Api {
    let mut operation = operation.clone();
    let mut left = at;
    for list in operation.lists_mut() {
        if apply(list, &mut left, edit) {
            break;
        }
    }
    Api {
        operations: vec![operation],
        ..Api::default()
    }
}

fn apply(list: &mut Vec<Property>, left: &mut usize, edit: Edit) -> bool {
    for at in 0..list.len() {
        if *left > 0 {
            *left -= 1;
            if apply(&mut list[at].schema.properties, left, edit) {
                return true;
            }
            continue;
        }
        let row = &mut list[at];
        match edit {
            Edit::Remove => {
                list.remove(at);
            }
            Edit::Rename => row.name.insert_str(0, "zz_"),
            Edit::Retype => {
                row.schema.ty = match row.schema.ty {
                    Type::String => Type::Integer,
                    _ => Type::String,
                }
            }
            Edit::List => row.schema.array = !row.schema.array,
            Edit::Flip => row.required = !row.required,
        }
        return true;
    }
    false
}
