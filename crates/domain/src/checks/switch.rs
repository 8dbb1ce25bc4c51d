//! Checks on a switch: a flag of the tenant, or of each object of a collection.

use serde_json::json;

use super::objects::{Object, each};
use super::{Change, Check, Expected, Judged, Judgement, Severity, Verdict, Violation, in_use};
use crate::inconclusive::Inconclusive;
use crate::readings::{
    Client, Clients, Connection, Connections, Field, ReadingKind, Record, ResourceServer,
    ResourceServers, TenantFlags, TenantSettings,
};
use crate::tenant::Tenant;

#[derive(Debug, Clone, Copy)]
pub struct Switch {
    /// JSON Pointer into the resource or the object.
    pub pointer: &'static str,
    /// The failing position.
    pub wrong: bool,
    pub of: SwitchOf,
}

/// A property of an object, if known.
pub type Known<T> = fn(&Object<'_, T>) -> Result<bool, Inconclusive>;

/// The owner of the switch, and its field. For a collection, which of its objects the check is about comes first.
#[derive(Debug, Clone, Copy)]
pub enum SwitchOf {
    TenantFlags(fn(&TenantFlags) -> &Field<bool>),
    Applications(Known<Client>, fn(&Client) -> &Field<bool>),
    Apis(Known<ResourceServer>, fn(&ResourceServer) -> &Field<bool>),
    Connections(Known<Connection>, Known<Connection>),
}

impl Switch {
    pub const fn is_on_collection(self) -> bool {
        !matches!(self.of, SwitchOf::TenantFlags(_))
    }

    pub(super) fn judge(self, check: &Check, tenant: &Tenant) -> Judged {
        match self.of {
            SwitchOf::TenantFlags(field) => Judged::One(self.judge_flag(check, tenant, field)),
            SwitchOf::Applications(is_about, field) => {
                Judged::Each(each::<Clients>(tenant, is_about, |app| {
                    self.judge_object(check, check.severity, app, *field(app.item).known()?)
                }))
            }
            SwitchOf::Apis(is_about, field) => {
                Judged::Each(each::<ResourceServers>(tenant, is_about, |api| {
                    self.judge_object(check, check.severity, api, *field(api.item).known()?)
                }))
            }
            SwitchOf::Connections(is_about, value) => {
                Judged::Each(each::<Connections>(tenant, is_about, |connection| {
                    let severity = in_use::graded(connection, check.severity);
                    self.judge_object(check, severity, connection, value(connection)?)
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
        if *field(tenant.read::<TenantSettings>()?.flags.known()?).known()? != self.wrong {
            return Ok(Verdict::Pass);
        }
        let (kind, right) = (ReadingKind::TenantSettings, json!(!self.wrong));
        let expected = Expected::Is(right.clone());
        Violation::at(tenant, check.severity, kind, self.pointer, &expected)
            .fixed_by(Change::set(tenant, kind, self.pointer, right))
            .into_failure()
    }

    fn judge_object<T: Record>(
        self,
        check: &Check,
        severity: Severity,
        object: &Object<'_, T>,
        value: bool,
    ) -> Judgement {
        if value != self.wrong {
            return Ok(Verdict::Pass);
        }
        let right = json!(!self.wrong);
        let fix = check.remediation.call.map(|_| object.set(self.pointer, right.clone()));
        object.wrong(severity, self.pointer, &Expected::Is(right)).fixed_by_opt(fix).into_failure()
    }
}
