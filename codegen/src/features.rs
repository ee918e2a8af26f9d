//! Features, modules and the table of versions: all that follows from the
//! list of versions alone.

use std::collections::BTreeMap;
use std::fmt::Write;

use proc_macro2::TokenStream;
use quote::quote;

use crate::emit::{EmitError, format_file, module_name, name as ident, version_type};
use crate::model::ApiVersion;
use crate::versions::{self, Version, VersionList};

/// The features of `truenas-api`.
pub(crate) struct Features<'a> {
    versions: &'a [ApiVersion],
    listed: Vec<&'a Version>,
    /// Versions that say the same as another one.
    same: &'a BTreeMap<String, String>,
}

impl<'a> Features<'a> {
    pub(crate) fn new(
        versions: &'a [ApiVersion],
        list: &'a VersionList,
        same: &'a BTreeMap<String, String>,
    ) -> Self {
        let listed = list
            .iter()
            .filter(|listed| versions.iter().any(|version| version.api == listed.api))
            .collect();
        Self {
            versions,
            listed,
            same,
        }
    }

    /// Every name that means a version, with the version whose module it is:
    /// itself, or the one that says the same.
    fn exact(&self) -> Vec<(&'a str, &str)> {
        let mut names = Vec::new();
        for version in &self.listed {
            let target = self.same.get(&version.api).unwrap_or(&version.api);
            names.push((version.api.as_str(), target.as_str()));
            for alias in &version.aliases {
                names.push((alias.as_str(), target.as_str()));
            }
        }
        names
    }

    /// `v25_10` and its newest version, for every series; a finished release
    /// goes before a beta.
    fn series(&self) -> BTreeMap<String, &'a Version> {
        let mut newest: BTreeMap<String, &Version> = BTreeMap::new();
        for version in &self.listed {
            let Some(name) = versions::series(&version.api) else {
                continue;
            };
            let held = newest.entry(module_name(name)).or_insert(version);
            if version.is_stable() || !held.is_stable() {
                *held = version;
            }
        }
        newest
    }

    fn latest(&self) -> Option<&'a Version> {
        let stable = self.listed.iter().rev().find(|version| version.is_stable());
        stable.or(self.listed.last()).copied()
    }

    /// Short names and the version each stands for.
    fn short(&self) -> Vec<(String, &'a Version)> {
        let latest = self.latest().map(|version| ("latest".to_owned(), version));
        latest.into_iter().chain(self.series()).collect()
    }

    /// The `[features]` of `generated/Cargo.toml`.
    pub(crate) fn cargo(&self) -> String {
        let mut text = String::new();
        for (name, version) in self.short() {
            let _ = writeln!(text, "{name} = [\"{}\"]", module_name(&version.api));
        }
        let short = self.short().into_iter().map(|(name, _)| name);
        let exact = self.exact().into_iter().map(|(name, _)| module_name(name));
        let all: Vec<String> = short
            .chain(exact)
            .map(|name| format!("\"{name}\""))
            .collect();
        let _ = writeln!(text, "all = [{}]", all.join(", "));
        for (name, target) in self.exact() {
            if name == target {
                let _ = writeln!(text, "{} = []", module_name(name));
            } else {
                let _ = writeln!(
                    text,
                    "{} = [\"{}\"]",
                    module_name(name),
                    module_name(target)
                );
            }
        }
        text
    }

    /// `versions/mod.rs`: a module for every name.
    pub(crate) fn modules(&self) -> Result<String, EmitError> {
        let exact = self.exact();
        let names: Vec<String> = exact.iter().map(|(name, _)| module_name(name)).collect();
        let modules: TokenStream = exact
            .iter()
            .map(|(name, target)| module(name, target))
            .collect();
        let short: TokenStream = self
            .short()
            .iter()
            .map(|(feature, version)| {
                let short = ident(feature);
                let exact = ident(&module_name(&version.api));
                quote!(#[cfg(feature = #feature)] pub use self::#exact as #short;)
            })
            .collect();
        let offered: Vec<String> = self.short().into_iter().map(|(name, _)| name).collect();
        let example = self
            .latest()
            .map(|version| versions::series(&version.api).unwrap_or(&version.api));
        let example = module_name(example.unwrap_or("latest"));
        let error = format!(
            "truenas-api has a feature for each version of the TrueNAS API and none is chosen; \
             write, for example: features = [\"{example}\"] beside the dependency truenas-api \
             (there are {} and every exact version, such as {})",
            offered.join(", "),
            self.latest()
                .map_or_else(String::new, |version| module_name(&version.api)),
        );
        let tables = exact.iter().map(|(name, _)| {
            let feature = module_name(name);
            let module = ident(&feature);
            quote!(#[cfg(feature = #feature)] (#name, &#module::TABLE),)
        });
        format_file(quote! {
            //! A module for every version, compiled if its feature is on.
            #modules
            #short
            /// The tables of all versions that are compiled in, by every name they have.
            #[cfg(feature = "table")]
            pub static TABLES: &[(&str, &truenas_runtime::table::Table)] = &[#(#tables)*];
            #[cfg(not(any(#(feature = #names),*)))]
            compile_error!(#error);
        })
    }

    /// The table of versions for the README.
    pub(crate) fn table(&self) -> String {
        let mut text = String::from(
            "| API version | release | features | methods | jobs | events |\n|---|---|---|---|---|---|\n",
        );
        for version in &self.listed {
            let Some(content) = self
                .versions
                .iter()
                .find(|content| content.api == version.api)
            else {
                continue;
            };
            let mut features = vec![module_name(&version.api)];
            features.extend(version.aliases.iter().map(|alias| module_name(alias)));
            let short = self.short();
            features.extend(
                short
                    .into_iter()
                    .filter(|(_, newest)| newest.api == version.api)
                    .map(|(name, _)| name),
            );
            let features: Vec<String> = features.iter().map(|name| format!("`{name}`")).collect();
            let beta = if version.is_stable() {
                ""
            } else {
                " (may still change)"
            };
            let _ = writeln!(
                text,
                "| {}{beta} | {} | {} | {} | {} | {} |",
                version.api,
                version.release,
                features.join(", "),
                content.methods.len(),
                content.jobs(),
                content.events.len(),
            );
        }
        text
    }
}

fn module(name: &str, target: &str) -> TokenStream {
    let feature = module_name(name);
    let module = ident(&feature);
    if name == target {
        return quote!(#[cfg(feature = #feature)] pub mod #module;);
    }
    let doc = format!(" TrueNAS API {name}, which says the same as {target}.");
    let target = ident(&module_name(target));
    let version = version_type(name);
    quote! {
        #[cfg(feature = #feature)]
        pub mod #module {
            #![doc = #doc]
            pub use super::#target::*;
            use truenas_runtime as rt;
            #version
        }
    }
}
