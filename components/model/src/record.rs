//! The model within records, such as the keyframes of a recording.
//!
//! A record has the whole state, private parts included, so that a model that is read goes on like the one that was written.
//! What follows from the rest is left out and made again: the indices of associations, the numbers of timeline entries by
//! origin, and which rows of a picture the view has not seen yet. A record may have been written by anybody: what the model
//! relies on is checked here, or where its parts are read.

use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use sha2::{Digest, Sha256};

use crate::{Component, ComponentId, MessageLog, Model};

impl Serialize for Model {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Self::serialize(self, serializer)
    }
}

impl<'de> Deserialize<'de> for Model {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut model = Self::deserialize(deserializer)?;
        model.check().map_err(D::Error::custom)?;
        model.index_associations();
        Ok(model)
    }
}

impl Model {
    /// Takes the messages out, which a record can have in another form: as what has changed since an earlier record.
    #[must_use]
    pub fn take_messages(&mut self) -> MessageLog {
        std::mem::take(&mut self.messages)
    }

    /// Returns a number that two models have in common if, and only if, everything in them is equal, for all that can be
    /// expected of 128 bits. It is the same wherever and whenever it is computed by the same version.
    #[must_use]
    pub fn digest(&self) -> u128 {
        // Everything in it can be represented.
        let record = rmp_serde::to_vec(self).unwrap_or_default();
        let hash = Sha256::digest(&record);
        hash.first_chunk::<16>()
            .map_or(0, |first| u128::from_be_bytes(*first))
    }

    fn check(&self) -> Result<(), &'static str> {
        for (id, component) in &self.components {
            check_component(*id, component)?;
        }
        for component in self.removed.iter() {
            check_component(component.id, component)?;
        }
        self.external.check()?;
        if self.associations.keys().all(crate::AssociationKey::is_usual) {
            Ok(())
        } else {
            Err("an association between impossible addresses")
        }
    }
}

fn check_component(id: ComponentId, component: &Component) -> Result<(), &'static str> {
    if component.id != id {
        return Err("a component with two numbers");
    }
    let identity = component.identity;
    if identity.is_some_and(|identity| identity.role() != component.role()) {
        return Err("a component with two roles");
    }
    Ok(())
}
