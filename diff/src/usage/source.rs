//! Rust source → the names in it.

use std::collections::HashMap;

use syn::punctuated::Punctuated;
use syn::visit::{self, Visit};
use syn::{
    Expr, ExprField, ExprMethodCall, ExprStruct, FnArg, ImplItemFn, ItemFn, LitStr, Local, Macro,
    Member, Pat, PatStruct, Token, Type, UseTree,
};

use super::Usage;

/// Reads what a file uses.
pub(super) fn read(file: &syn::File, usage: &mut Usage) {
    let mut reader = Reader {
        usage,
        imports: HashMap::new(),
        globs: Vec::new(),
        holds: HashMap::new(),
    };
    // Imports count in the whole file, wherever they stand.
    Imports(&mut reader).visit_file(file);
    reader.visit_file(file);
}

struct Reader<'u> {
    usage: &'u mut Usage,
    /// What each imported name is.
    imports: HashMap<String, Vec<String>>,
    /// Modules of which everything is imported.
    globs: Vec<Vec<String>>,
    /// The accessors that a variable stands for.
    holds: HashMap<String, Vec<String>>,
}

struct Imports<'r, 'u>(&'r mut Reader<'u>);

impl Visit<'_> for Imports<'_, '_> {
    fn visit_item_use(&mut self, item: &syn::ItemUse) {
        self.0.import(&item.tree, Vec::new());
    }
}

impl Reader<'_> {
    fn import(&mut self, tree: &UseTree, mut path: Vec<String>) {
        match tree {
            UseTree::Path(step) => {
                path.push(step.ident.to_string());
                self.import(&step.tree, path);
            }
            UseTree::Name(name) => {
                let name = name.ident.to_string();
                if name != "self" {
                    path.push(name);
                }
                self.imported(path.last().cloned(), path);
            }
            UseTree::Rename(rename) => {
                let name = rename.ident.to_string();
                if name != "self" {
                    path.push(name);
                }
                self.imported(Some(rename.rename.to_string()), path);
            }
            UseTree::Glob(_) => self.globs.push(path),
            UseTree::Group(group) => {
                for tree in &group.items {
                    self.import(tree, path.clone());
                }
            }
        }
    }

    fn imported(&mut self, name: Option<String>, path: Vec<String>) {
        self.named(&path);
        if let Some(name) = name {
            self.imports.insert(name, path);
        }
    }

    /// Notes what is named below a version's module.
    fn named(&mut self, path: &[String]) {
        let version = path.iter().position(|segment| is_version(segment));
        let below = version.and_then(|place| path.get(place + 1..));
        if let Some(below) = below.filter(|below| !below.is_empty()) {
            self.usage.items.insert(below.to_vec());
        }
    }

    fn resolve(&mut self, path: &syn::Path) {
        let segments: Vec<String> = path
            .segments
            .iter()
            .map(|segment| segment.ident.to_string())
            .collect();
        if let Some(last) = segments.last() {
            // `PoolDatasetEntry::NAME` may stand for the key `name`.
            let is_constant = last.chars().all(|c| !c.is_lowercase());
            if is_constant && segments.len() > 1 {
                self.usage.keys.insert(last.to_lowercase());
            }
        }
        let Some((first, rest)) = segments.split_first() else {
            return;
        };
        let mut candidates = vec![segments.clone()];
        match self.imports.get(first) {
            Some(import) => candidates.push([import.as_slice(), rest].concat()),
            None => candidates.extend(
                self.globs
                    .iter()
                    .map(|module| [module.as_slice(), segments.as_slice()].concat()),
            ),
        }
        for candidate in candidates {
            // `PoolEntry::new` names `PoolEntry` as well.
            self.named(&candidate);
            if let Some((_, owner)) = candidate.split_last() {
                self.named(owner);
            }
        }
    }

    /// The functions that were called to get here.
    fn chain(&self, expression: &Expr) -> Vec<String> {
        match expression {
            Expr::MethodCall(call) => {
                let mut chain = self.chain(&call.receiver);
                chain.push(call.method.to_string());
                chain
            }
            Expr::Await(inner) => self.chain(&inner.base),
            Expr::Try(inner) => self.chain(&inner.expr),
            Expr::Paren(inner) => self.chain(&inner.expr),
            Expr::Group(inner) => self.chain(&inner.expr),
            Expr::Reference(inner) => self.chain(&inner.expr),
            Expr::Path(path) => {
                let name = path.path.get_ident().map(ToString::to_string);
                let held = name.and_then(|name| self.holds.get(&name));
                held.cloned().unwrap_or_default()
            }
            _ => Vec::new(),
        }
    }

    /// A parameter that is a service's accessor.
    fn holds_service(&mut self, argument: &FnArg) {
        let FnArg::Typed(argument) = argument else {
            return;
        };
        let Pat::Ident(name) = &*argument.pat else {
            return;
        };
        let mut ty = &*argument.ty;
        while let Type::Reference(reference) = ty {
            ty = &reference.elem;
        }
        let Type::Path(path) = ty else { return };
        let segments: Vec<String> = path
            .path
            .segments
            .iter()
            .map(|segment| segment.ident.to_string())
            .collect();
        let Some((first, rest)) = segments.split_first() else {
            return;
        };
        let whole = match self.imports.get(first) {
            Some(import) => [import.as_slice(), rest].concat(),
            None => segments.clone(),
        };
        let Some((last, module)) = whole.split_last() else {
            return;
        };
        let start = module.iter().position(|segment| is_version(segment));
        if last == "Service" {
            let below = module.get(start.map_or(0, |place| place + 1)..);
            let service = below.unwrap_or_default().to_vec();
            self.holds.insert(name.ident.to_string(), service);
        }
    }

    fn function(&mut self, signature: &syn::Signature, body: impl FnOnce(&mut Self)) {
        let outside = self.holds.clone();
        signature
            .inputs
            .iter()
            .for_each(|argument| self.holds_service(argument));
        body(self);
        self.holds = outside;
    }

    fn member(&mut self, member: &Member) {
        if let Member::Named(name) = member {
            let name = name.to_string();
            let plain = name.strip_prefix("r#").unwrap_or(&name);
            self.usage.keys.insert(plain.to_owned());
        }
    }
}

impl Visit<'_> for Reader<'_> {
    fn visit_item_fn(&mut self, item: &ItemFn) {
        self.function(&item.sig, |reader| visit::visit_item_fn(reader, item));
    }

    fn visit_impl_item_fn(&mut self, item: &ImplItemFn) {
        self.function(&item.sig, |reader| visit::visit_impl_item_fn(reader, item));
    }

    fn visit_local(&mut self, local: &Local) {
        visit::visit_local(self, local);
        let pattern = match &local.pat {
            Pat::Type(typed) => &*typed.pat,
            other => other,
        };
        if let (Pat::Ident(name), Some(init)) = (pattern, &local.init) {
            let chain = self.chain(&init.expr);
            let name = name.ident.to_string();
            if chain.is_empty() {
                self.holds.remove(&name);
            } else {
                self.holds.insert(name, chain);
            }
        }
    }

    fn visit_expr_method_call(&mut self, call: &ExprMethodCall) {
        let mut chain = self.chain(&call.receiver);
        chain.push(call.method.to_string());
        self.usage.calls.insert(chain);
        visit::visit_expr_method_call(self, call);
    }

    fn visit_expr_field(&mut self, field: &ExprField) {
        self.member(&field.member);
        visit::visit_expr_field(self, field);
    }

    fn visit_expr_struct(&mut self, expression: &ExprStruct) {
        for field in &expression.fields {
            self.member(&field.member);
        }
        visit::visit_expr_struct(self, expression);
    }

    fn visit_pat_struct(&mut self, pattern: &PatStruct) {
        for field in &pattern.fields {
            self.member(&field.member);
        }
        visit::visit_pat_struct(self, pattern);
    }

    fn visit_path(&mut self, path: &syn::Path) {
        self.resolve(path);
        visit::visit_path(self, path);
    }

    fn visit_lit_str(&mut self, text: &LitStr) {
        // A path of a filter: `properties.used.parsed`.
        self.usage
            .keys
            .extend(text.value().split('.').map(str::to_owned));
    }

    fn visit_macro(&mut self, mac: &Macro) {
        // What most macros take: `println!("{}", pool.name)`.
        let list = Punctuated::<Expr, Token![,]>::parse_terminated;
        if let Ok(arguments) = mac.parse_body_with(list) {
            arguments
                .iter()
                .for_each(|argument| self.visit_expr(argument));
        }
        visit::visit_macro(self, mac);
    }
}

/// `v25_10`, `v25_10_5`, `latest`.
fn is_version(segment: &str) -> bool {
    let numbers = segment.strip_prefix('v');
    segment == "latest"
        || numbers.is_some_and(|numbers| {
            !numbers.is_empty() && numbers.chars().all(|c| c.is_ascii_digit() || c == '_')
        })
}
