//! Rules of single services: what no schema says and nobody would miss in a
//! system that is never asked for the thing twice.

use serde_json::{Map, Value, json};

use truenas_codegen::model::Method;

use super::Failure;
use super::models::{item_schema, properties};
use super::run::Run;
use super::service::Service;
use crate::json::set;

const DATASETS: &str = "pool.dataset";
const SNAPSHOTS: [&str; 2] = ["pool.snapshot", "zfs.snapshot"];

/// What only a filesystem has.
const OF_FILESYSTEMS: &[&str] = &[
    "aclmode",
    "acltype",
    "atime",
    "casesensitivity",
    "exec",
    "quota",
    "recordsize",
    "refquota",
    "snapdir",
];

impl<'e> Run<'_, 'e> {
    /// Before an entry is made of what a caller gave.
    pub(crate) fn prepare(
        &mut self,
        service: Service<'e>,
        data: &mut Map<String, Value>,
    ) -> Result<(), Failure> {
        match service.name {
            DATASETS => self.prepare_dataset(data),
            name if SNAPSHOTS.contains(&name) => {
                let dataset = text(data, "dataset").to_owned();
                match self.has(DATASETS, &dataset) {
                    true => Ok(()),
                    false => Err(Failure::invalid_at(
                        "snapshot_create.dataset",
                        format!("Dataset {dataset} not found"),
                    )),
                }
            }
            "pool" => {
                if let Some(topology) = data.get_mut("topology") {
                    *topology = layout(topology);
                }
                Ok(())
            }
            "user" => {
                if data.get("group_create") == Some(&json!(true))
                    && let Some(groups) = self.service("group")
                {
                    let group = json!({"name": text(data, "username"), "users": []});
                    let group = self.create(groups, &group)?;
                    data.insert("group".to_owned(), group_of(&group));
                } else if let Some(number) =
                    data.get("group").filter(|group| group.is_i64()).cloned()
                    && let Some(groups) = self.service("group")
                    && let Some(group) = self.find(groups, &number)
                {
                    data.insert("group".to_owned(), group_of(&group));
                }
                Ok(())
            }
            _ => Ok(()),
        }
    }

    fn prepare_dataset(&mut self, data: &mut Map<String, Value>) -> Result<(), Failure> {
        let name = text(data, "name").to_owned();
        let (pool, _) = name.split_once('/').unwrap_or((&name, ""));
        data.insert("pool".to_owned(), pool.into());
        if let Some((parent, _)) = name.rsplit_once('/')
            && !self.has(DATASETS, parent)
        {
            if data.get("create_ancestors") != Some(&json!(true)) || !self.has(DATASETS, pool) {
                return Err(Failure::invalid_at(
                    "pool_dataset_create.name",
                    format!("Parent dataset {parent} does not exist"),
                ));
            }
            if let Some(datasets) = self.service(DATASETS) {
                self.create(datasets, &json!({"name": parent, "create_ancestors": true}))?;
            }
        }
        if text(data, "type") == "VOLUME" {
            data.insert("mountpoint".to_owned(), Value::Null);
            data.retain(|key, _| !OF_FILESYSTEMS.contains(&key.as_str()));
        }
        Ok(())
    }

    /// After an entry was made.
    pub(crate) fn created(&mut self, service: Service<'e>, entry: &Value) -> Result<(), Failure> {
        if service.name == "pool"
            && let (Some(name), Some(datasets)) = (entry.get("name"), self.service(DATASETS))
        {
            self.create(datasets, &json!({"name": name, "type": "FILESYSTEM"}))?;
        }
        Ok(())
    }

    /// Before an entry is removed: what it holds goes with it, or keeps it.
    pub(crate) fn release(
        &mut self,
        service: Service<'e>,
        entry: &Value,
        options: Option<&Value>,
    ) -> Result<(), Failure> {
        let name = entry
            .get("name")
            .and_then(Value::as_str)
            .unwrap_or_default();
        match service.name {
            "pool" => self.remove_below(DATASETS, name, '/', true),
            DATASETS => {
                let recursive = options.and_then(|options| options.get("recursive"));
                if recursive != Some(&json!(true)) && self.has_below(name) {
                    let message = format!("Failed to delete dataset: {name} has children");
                    return Err(Failure::call(14, "EFAULT", &message));
                }
                self.remove_below(DATASETS, name, '/', false)?;
                for snapshots in SNAPSHOTS {
                    self.remove_below(snapshots, name, '@', false)?;
                }
                Ok(())
            }
            _ => Ok(()),
        }
    }

    /// After something was answered that no state is behind.
    pub(crate) fn adjusted(
        &self,
        name: &str,
        method: &'e Method,
        params: &[Value],
        mut answer: Value,
    ) -> Value {
        let aggregates = params.iter().find_map(|data| data.get("aggregate"));
        if name.starts_with("reporting.") && aggregates == Some(&json!(false)) {
            let models = self.dialled.models();
            let schema = models.resolve(method.result.as_value());
            let item = item_schema(schema, 0).map(|item| models.resolve(item));
            let schema = item.and_then(|item| properties(item)?.get("aggregations"));
            let none = [Value::Null, json!({})];
            let none = none
                .into_iter()
                .find(|none| schema.is_some_and(|schema| models.misfit(schema, none) == 0));
            if let (Some(none), Value::Array(graphs)) = (none, &mut answer) {
                for graph in graphs {
                    set(graph, "aggregations", none.clone());
                }
            }
        }
        answer
    }

    fn has(&mut self, service: &'static str, id: &str) -> bool {
        let service = self.service(service);
        service.is_some_and(|service| self.find(service, &id.into()).is_some())
    }

    fn has_below(&mut self, dataset: &str) -> bool {
        let Some(datasets) = self.service(DATASETS) else {
            return false;
        };
        let mut ids = self.collection(datasets).entries.keys();
        ids.any(|id| is_below(&id.text(), dataset, '/'))
    }

    /// Removes all that has this name and the separator before its own; with
    /// `itself` also what has the name alone.
    fn remove_below(
        &mut self,
        service: &'static str,
        name: &str,
        separator: char,
        itself: bool,
    ) -> Result<(), Failure> {
        let Some(service) = self.service(service) else {
            return Ok(());
        };
        let ids = self.collection(service).entries.keys();
        let ids: Vec<String> = ids
            .map(|id| id.text())
            .filter(|id| is_below(id, name, separator) || (itself && id == name))
            .collect();
        // The deepest first, so that none has children left.
        for id in ids.iter().rev() {
            self.delete(
                service,
                &id.as_str().into(),
                Some(&json!({"recursive": true})),
            )?;
        }
        Ok(())
    }

    /// Whether entries are more than what is kept of them.
    pub(crate) fn is_computed(&self, service: Service<'_>) -> bool {
        service.name == DATASETS
    }

    /// Entries with what follows from others.
    pub(crate) fn computed(&self, service: Service<'_>, entries: Vec<Value>) -> Vec<Value> {
        match service.name {
            DATASETS => with_children(entries),
            _ => entries,
        }
    }
}

/// Datasets, each with those in it.
fn with_children(datasets: Vec<Value>) -> Vec<Value> {
    let parent = |dataset: &Value| {
        let name = dataset.get("name")?.as_str()?;
        Some(name.rsplit_once('/')?.0.to_owned())
    };
    let mut whole: Vec<Value> = Vec::new();
    // In the order of their names, so from behind children come first.
    for mut dataset in datasets.into_iter().rev() {
        let name = dataset.get("name").and_then(Value::as_str);
        let name = name.unwrap_or_default().to_owned();
        let children = whole
            .iter()
            .rev()
            .filter(|other| parent(other).as_ref() == Some(&name));
        let children: Value = children.cloned().collect();
        if let Some(object) = dataset.as_object_mut() {
            object.insert("children".to_owned(), children);
        }
        whole.push(dataset);
    }
    whole.reverse();
    whole
}

/// The vdevs of a pool, of what it is to be made of.
fn layout(topology: &Value) -> Value {
    let vdevs = |kind: &str| -> Value {
        let list = topology.get(kind).and_then(Value::as_array);
        let list = list.into_iter().flatten().enumerate();
        list.map(|(index, vdev)| {
            let disks = vdev.get("disks").and_then(Value::as_array).into_iter().flatten();
            let children: Value = disks
                .map(|disk| json!({"type": "DISK", "name": disk, "disk": disk, "status": "ONLINE", "children": []}))
                .collect();
            let kind = vdev.get("type").and_then(Value::as_str).unwrap_or("STRIPE");
            let name = format!("{}-{index}", kind.to_lowercase());
            json!({"type": kind, "name": name, "status": "ONLINE", "children": children})
        })
        .collect()
    };
    let kinds = ["data", "log", "cache", "spare", "special", "dedup"];
    kinds
        .into_iter()
        .map(|kind| (kind.to_owned(), vdevs(kind)))
        .collect()
}

/// A group, as it stands in its users.
fn group_of(group: &Value) -> Value {
    json!({
        "id": group.get("id"),
        "bsdgrp_gid": group.get("gid"),
        "bsdgrp_group": group.get("name"),
        "bsdgrp_builtin": false,
        "bsdgrp_smb": false,
    })
}

fn is_below(id: &str, name: &str, separator: char) -> bool {
    id.strip_prefix(name)
        .is_some_and(|rest| rest.starts_with(separator))
}

fn text<'d>(data: &'d Map<String, Value>, key: &str) -> &'d str {
    data.get(key).and_then(Value::as_str).unwrap_or_default()
}
