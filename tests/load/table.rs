//! What is printed: a line for each kind of request.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use bailiwick::base::world::World;

use crate::client::{Load, Outcome, Request, drive};
use crate::program::Program;

pub struct Table {
    only: String,
    cpu: HashMap<String, f64>,
}

impl Table {
    pub fn new(only: &str) -> Self {
        println!("| what | requests/s | p50 us | p99 us | CPU us | statements | MiB | refused |\n|---|--:|--:|--:|--:|--:|--:|--:|");
        Self { only: only.into(), cpu: HashMap::new() }
    }

    pub fn wanted(&self, name: &str) -> bool {
        self.only.split(',').any(|part| name.contains(part.trim()))
    }

    pub fn line(&mut self, name: &str, program: &Program, load: Load, request: impl Fn(u64) -> Request + Sync) {
        if !self.wanted(name) {
            return;
        }
        // Warm: connections, prepared statements, the pages of the file.
        drive(program.port, Load { seconds: load.seconds / 4, ..load }, &request);
        let (cpu, statements) = (program.cpu(), program.statements());
        let outcome = drive(program.port, load, &request);
        let each = (program.cpu() - cpu) * 1e6 / outcome.answers.max(1) as f64;
        let statements =
            program.statements().zip(statements).map_or("-".into(), |(now, then)| format!("{:.1}", (now - then) / outcome.answers.max(1) as f64));
        self.cpu.insert(name.into(), each);
        print(name, &outcome, &format!("{each:.0}"), &statements, program.memory_mib());
    }

    /// One load measured while another runs.
    pub fn beside(
        &mut self,
        name: &str,
        program: &Program,
        load: Load,
        request: impl Fn(u64) -> Request + Sync,
        other: Load,
        noise: impl Fn(u64) -> Request + Send + Sync,
    ) {
        if !self.wanted(name) {
            return;
        }
        let (alone, crowded) = std::thread::scope(|scope| {
            let alone = drive(program.port, load, &request);
            let other = Load { seconds: other.seconds * 2, ..other };
            let noise = scope.spawn(move || drive(program.port, other, noise));
            std::thread::sleep(other.seconds / 4);
            let crowded = drive(program.port, load, &request);
            let noise = noise.join().expect("the other load");
            println!(
                "| (the other load) | {:.0} | {} | {} | | | | {} |",
                noise.per_second(),
                noise.percentile(0.5),
                noise.percentile(0.99),
                noise.refused
            );
            (alone, crowded)
        });
        print(name, &crowded, "-", "-", program.memory_mib());
        println!("| p99 beside / alone | {:.2} | | | | | | |", crowded.percentile(0.99) as f64 / alone.percentile(0.99).max(1) as f64);
    }

    /// Without HTTP, in this process, on one thread.
    pub fn inside(&mut self, name: &str, _world: &World, seconds: Duration, mut f: impl FnMut(u64)) {
        if !self.wanted(name) {
            return;
        }
        for n in 0..50 {
            f(n);
        }
        let (begin, mut latencies) = (Instant::now(), Vec::new());
        while begin.elapsed() < seconds {
            let asked = Instant::now();
            f(latencies.len() as u64);
            latencies.push(asked.elapsed().as_micros() as u64);
        }
        let seconds = begin.elapsed().as_secs_f64();
        latencies.sort_unstable();
        let outcome = Outcome { answers: latencies.len() as u64, refused: 0, seconds, latencies };
        print(name, &outcome, &format!("{:.1}", seconds * 1e6 / outcome.answers as f64), "-", 0.0);
    }

    pub fn ratio(&self, one: &str, other: &str) {
        if let (Some(a), Some(b)) = (self.cpu.get(one), self.cpu.get(other)) {
            println!("| CPU of it / {other} | {:.2} | | | | | | |", a / b);
        }
    }
}

fn print(name: &str, o: &Outcome, cpu: &str, statements: &str, mib: f64) {
    println!("| {name} | {:.0} | {} | {} | {cpu} | {statements} | {mib:.1} | {} |", o.per_second(), o.percentile(0.5), o.percentile(0.99), o.refused);
}
