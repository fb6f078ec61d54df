//! The generated code before it is text, in Rust's words.

use crate::ir;

/// One generated file: what one page documents.
#[derive(Debug)]
pub struct Page<'a> {
    /// Module path below `generated`: `["v3", "pay", "transactions", "jsapi"]`.
    pub module: Vec<String>,
    pub content: Content<'a>,
}

/// What a page holds.
#[derive(Debug)]
pub enum Content<'a> {
    /// API operations, each a function beside a module of its types.
    Operations(Vec<Function<'a>>),
    /// A webhook: the types of its notification.
    Webhook(Webhook<'a>),
    /// The page moved; the old path leads to these operations.
    Moved {
        redirect: &'a ir::Redirect,
        targets: Vec<Target<'a>>,
    },
}

/// An operation that a moved page leads to.
#[derive(Debug)]
pub struct Target<'a> {
    pub operation: &'a ir::Operation,
    pub module: Vec<String>,
    /// The names of a webhook's types.
    pub types: Vec<String>,
}

/// An API operation.
#[derive(Debug)]
pub struct Function<'a> {
    /// `get`, `post`, …
    pub name: String,
    pub operation: &'a ir::Operation,
    /// `Request` first, then its types, then `Response` and its types.
    pub types: Vec<TypeDef>,
}

/// A webhook.
#[derive(Debug)]
pub struct Webhook<'a> {
    pub operation: &'a ir::Operation,
    /// `Resource` (v3) or `Notification` (v2) first.
    pub types: Vec<TypeDef>,
}

#[derive(Debug)]
pub enum TypeDef {
    Struct(StructDef),
    Enum(EnumDef),
}

impl TypeDef {
    pub fn name(&self) -> &str {
        match self {
            Self::Struct(def) => &def.name,
            Self::Enum(def) => &def.name,
        }
    }
}

#[derive(Debug)]
pub struct StructDef {
    pub name: String,
    pub doc: String,
    pub fields: Vec<FieldDef>,
    /// Callers make it, so it has a constructor and setters.
    pub request: bool,
}

#[derive(Debug)]
pub struct FieldDef {
    pub ident: String,
    /// The name of the method that sets the field where it is optional.
    pub setter: String,
    /// The name on the wire.
    pub wire: String,
    pub ty: RustType,
    /// `Option<ty>`.
    pub optional: bool,
    /// What the constructor sets it to, so that it is not an argument.
    pub preset: Option<Preset>,
    /// Doc lines: the official term first.
    pub doc: Vec<String>,
}

/// A required field that the constructor knows the value of.
#[derive(Debug, Clone, PartialEq)]
pub enum Preset {
    Text(String),
    Integer(i64),
    /// A struct whose constructor takes no argument.
    New(String),
}

#[derive(Debug, Clone, PartialEq)]
pub enum RustType {
    String,
    I64,
    Bool,
    Decimal,
    Timestamp,
    Json,
    Encrypted,
    Upload,
    Named(String),
    List(Box<RustType>),
    Option(Box<RustType>),
    JsonText(Box<RustType>),
    UrlEncoded(Box<RustType>),
    Sealed(Box<RustType>),
}

#[derive(Debug)]
pub struct EnumDef {
    pub name: String,
    pub doc: String,
    /// Variant and value.
    pub variants: Vec<(String, String)>,
    /// The values are whole numbers.
    pub integer: bool,
}
