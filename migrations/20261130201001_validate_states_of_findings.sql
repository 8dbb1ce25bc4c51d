alter table findings validate constraint findings_state_check;
