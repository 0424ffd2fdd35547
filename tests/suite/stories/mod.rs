//! Stories by people, capability by capability.

mod access;
mod account;
mod attacks;
mod audit;
mod backup;
mod check;
mod conditions;
mod demo;
mod find;
mod insights;
mod instance;
mod invitations;
mod limits;
mod lists;
mod members;
mod metrics;
mod mfa;
mod orgs;
mod pages;
mod power;
mod preferences;
mod projects;
mod roles;
mod secrets;
mod sign_in;
