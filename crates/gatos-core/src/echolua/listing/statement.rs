//! Statements.

use super::Writer;
use crate::echolua::unit::{Expr, Stmt, Target, Walk};

impl Writer<'_> {
    /// Statements, each on lines of its own; locals of the block end with it.
    pub(super) fn block(&mut self, block: &[Stmt]) {
        let visible = self.visible();
        self.open_block(block);
        self.set_visible(visible);
    }

    /// As [`block`](Self::block), with its locals still visible behind it.
    fn open_block(&mut self, block: &[Stmt]) {
        self.indent += 1;
        for (index, statement) in block.iter().enumerate() {
            let end = self.out.len();
            self.line("");
            let begin = self.out.len();
            self.statement(statement);
            // A line that begins with a bracket would continue the statement before it.
            if index > 0 && self.out.get(begin..).is_some_and(|s| s.starts_with('(')) {
                self.out.insert(end, ';');
            }
        }
        self.indent -= 1;
    }

    fn statement(&mut self, statement: &Stmt) {
        match statement {
            Stmt::Local { count, values } => {
                let values = self.list(values);
                let names: Vec<String> = (0..*count).map(|_| self.declare()).collect();
                self.out.push_str(&format!("local {}", names.join(", ")));
                if !values.is_empty() {
                    self.out.push_str(&format!(" = {values}"));
                }
            }
            Stmt::Function { function } => {
                let name = self.local(self.visible());
                self.out.push_str("local ");
                self.function(Some(&name), function);
                self.declare();
            }
            Stmt::Set { targets, values } => {
                let targets: Vec<String> = targets.iter().map(|t| self.target(t)).collect();
                let values = self.list(values);
                self.out
                    .push_str(&format!("{} = {values}", targets.join(", ")));
            }
            Stmt::Call(call) => self.text(call),
            Stmt::Do(body) => {
                self.out.push_str("do");
                self.ended(body);
            }
            Stmt::While {
                condition, body, ..
            } => {
                self.out.push_str("while ");
                self.text(condition);
                self.out.push_str(" do");
                self.ended(body);
            }
            Stmt::Repeat {
                body, condition, ..
            } => {
                self.out.push_str("repeat");
                let visible = self.visible();
                self.open_block(body);
                self.line("until ");
                self.text(condition);
                self.set_visible(visible);
            }
            Stmt::If { arms, otherwise } => self.branches(arms, otherwise),
            Stmt::For {
                start,
                stop,
                step,
                body,
                ..
            } => self.counted([Some(start), Some(stop), step.as_ref()], body),
            Stmt::Each {
                walk, table, body, ..
            } => self.each(*walk, table, body),
            Stmt::Return(values) => {
                let values = self.list(values);
                let gap = if values.is_empty() { "" } else { " " };
                self.out.push_str(&format!("return{gap}{values}"));
            }
            Stmt::Break => self.out.push_str("break"),
        }
    }

    fn ended(&mut self, body: &[Stmt]) {
        self.block(body);
        self.line("end");
    }

    fn branches(&mut self, arms: &[(Expr, Vec<Stmt>)], otherwise: &[Stmt]) {
        for (index, (condition, body)) in arms.iter().enumerate() {
            if index == 0 {
                self.out.push_str("if ");
            } else {
                self.line("elseif ");
            }
            self.text(condition);
            self.out.push_str(" then");
            self.block(body);
        }
        if !otherwise.is_empty() {
            self.line("else");
            self.block(otherwise);
        }
        self.line("end");
    }

    fn counted(&mut self, bounds: [Option<&Expr>; 3], body: &[Stmt]) {
        let bounds: Vec<String> = bounds
            .into_iter()
            .flatten()
            .map(|bound| self.written(bound))
            .collect();
        let visible = self.visible();
        let counter = self.declare();
        self.out
            .push_str(&format!("for {counter} = {} do", bounds.join(", ")));
        self.ended(body);
        self.set_visible(visible);
    }

    fn each(&mut self, walk: Walk, table: &Expr, body: &[Stmt]) {
        let table = self.written(table);
        let walk = match walk {
            Walk::Dpairs => "dpairs",
            Walk::Ipairs => "ipairs",
        };
        let visible = self.visible();
        let (key, value) = (self.declare(), self.declare());
        self.out
            .push_str(&format!("for {key}, {value} in {walk}({table}) do"));
        self.ended(body);
        self.set_visible(visible);
    }

    fn target(&mut self, target: &Target) -> String {
        match target {
            Target::Local(slot) => self.local(usize::from(*slot)),
            Target::Index { object, key, .. } => self.aside(|writer| writer.index(object, key)),
        }
    }
}
