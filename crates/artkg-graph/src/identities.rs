use std::collections::{BTreeMap, HashMap};

use artkg_corpus::Identity;
use serde::{Deserialize, Serialize};

/// Who or what nodes are, beyond their names.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Identities {
    nodes: BTreeMap<u32, NodeIdentity>,
    /// The node of each other spelling by its kind; `None` where several have it.
    aliases: HashMap<(u16, String), Option<u32>>,
}

/// Who or what a node is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct NodeIdentity {
    /// Its numbers in authority files and its addresses, the preferred one first.
    pub identities: Vec<Identity>,
    /// How it is spelled beside its name.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub aliases: Vec<String>,
    /// When a person lived, as far as a table of facts says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub life: Option<Life>,
}

/// When somebody lived.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Life {
    /// The year of birth; before Christ negative.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub birth: Option<i32>,
    /// The year of death.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub death: Option<i32>,
}

impl NodeIdentity {
    /// The addresses of its identities in linked data, separated by spaces.
    pub fn addresses(&self) -> String {
        let addresses: Vec<String> = self.identities.iter().map(Identity::iri).collect();
        addresses.join(" ")
    }
}

impl Identities {
    /// What is known of a node, if anything.
    pub fn of(&self, node: u32) -> Option<&NodeIdentity> {
        self.nodes.get(&node)
    }

    /// The nodes of which something is known, in their order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (u32, &NodeIdentity)> {
        self.nodes.iter().map(|(node, known)| (*node, known))
    }

    /// The number of nodes of which something is known.
    pub fn len(&self) -> usize {
        self.nodes.len()
    }

    /// Whether nothing is known of any node.
    pub fn is_empty(&self) -> bool {
        self.nodes.is_empty()
    }

    pub(crate) fn find_alias(&self, kind: u16, name: &str) -> Option<u32> {
        if self.aliases.is_empty() {
            return None;
        }
        *self.aliases.get(&(kind, name.to_owned()))?
    }

    /// Says when somebody lived.
    pub(crate) fn set_life(&mut self, node: u32, life: Option<Life>) {
        if life.is_some() {
            self.nodes.entry(node).or_default().life = life;
        }
    }

    /// Adds to what is known of a node of a kind.
    pub(crate) fn add(
        &mut self,
        node: u32,
        kind: u16,
        identities: Vec<Identity>,
        aliases: Vec<String>,
    ) {
        let known = self.nodes.entry(node).or_default();
        known.identities.extend(identities);
        known.identities.sort_unstable();
        known.identities.dedup();
        for alias in aliases {
            if known.aliases.contains(&alias) {
                continue;
            }
            let spelled = self.aliases.entry((kind, alias.clone()));
            let spelled = spelled.or_insert(Some(node));
            if *spelled != Some(node) {
                *spelled = None;
            }
            known.aliases.push(alias);
        }
    }
}
