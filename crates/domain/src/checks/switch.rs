//! Checks on a switch: a flag of the tenant, or of each object of a collection.

use super::objects::{Object, each};
use super::prelude::*;
use super::{Judged, apis, applications, connections, tenant_settings};
use crate::readings::{
    Client, Clients, ConnectionOptions, Connections, Field, ResourceServer, ResourceServers,
    TenantFlags,
};

#[derive(Debug, Clone, Copy)]
pub struct Switch {
    /// JSON Pointer into the resource or the object.
    pub pointer: &'static str,
    /// The failing position.
    pub wrong: bool,
    pub of: SwitchOf,
}

/// The owner of the switch, and its field.
#[derive(Debug, Clone, Copy)]
pub enum SwitchOf {
    TenantFlags(fn(&TenantFlags) -> &Field<bool>),
    Applications(fn(&Client) -> &Field<bool>),
    CustomerApis(fn(&ResourceServer) -> &Field<bool>),
    DatabaseConnections(fn(&ConnectionOptions) -> Result<bool, Inconclusive>),
}

impl Switch {
    pub const fn is_on_collection(self) -> bool {
        !matches!(self.of, SwitchOf::TenantFlags(_))
    }

    pub(super) fn judge(self, check: &Check, tenant: &Tenant) -> Judged {
        match self.of {
            SwitchOf::TenantFlags(field) => Judged::One(self.judge_flag(check, tenant, field)),
            SwitchOf::Applications(field) => {
                Judged::Each(each::<Clients>(tenant, applications::is_of_the_tenant, |app| {
                    self.judge_object(check, app, *field(app.item).known()?)
                }))
            }
            SwitchOf::CustomerApis(field) => {
                Judged::Each(each::<ResourceServers>(tenant, apis::is_of_the_customer, |api| {
                    self.judge_object(check, api, *field(api.item).known()?)
                }))
            }
            SwitchOf::DatabaseConnections(value) => {
                Judged::Each(each::<Connections>(tenant, connections::is_database, |it| {
                    self.judge_object(check, it, value(connections::options(it)?)?)
                }))
            }
        }
    }

    fn judge_flag(
        self,
        check: &Check,
        tenant: &Tenant,
        field: fn(&TenantFlags) -> &Field<bool>,
    ) -> Judgement {
        if *field(tenant_settings::flags(tenant)?).known()? != self.wrong {
            return Ok(Verdict::Pass);
        }
        let (kind, right) = (ReadingKind::TenantSettings, json!(!self.wrong));
        let expected = Expected::Is(right.clone());
        Violation::at(tenant, check.severity, kind, self.pointer, &expected)
            .fixed_by(Change::set(tenant, kind, self.pointer, right))
            .into_failure()
    }

    fn judge_object<T: serde::Serialize>(
        self,
        check: &Check,
        object: &Object<'_, T>,
        value: bool,
    ) -> Judgement {
        if value != self.wrong {
            return Ok(Verdict::Pass);
        }
        let right = json!(!self.wrong);
        let fix = check.remediation.call.map(|_| object.set(self.pointer, right.clone()));
        object
            .wrong(check.severity, self.pointer, &Expected::Is(right))
            .fixed_by_opt(fix)
            .into_failure()
    }
}
