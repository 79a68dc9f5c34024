//! Expressions.

use full_moon::ast::{
    BinOp, Call, Expression, Field, FunctionArgs, FunctionCall, Index, Prefix, Suffix,
    TableConstructor, UnOp, Var,
};
use full_moon::tokenizer::{StringLiteralQuoteType, TokenReference, TokenType};

use super::scope::Found;
use super::{Checker, Top, literal, name_of, names, span};
use crate::echolua::diagnostic::{Rule, Span};
use crate::echolua::library::Library;
use crate::echolua::unit::{Binary, Choice, Expr, Item, Unary};
use crate::value::Value;

/// Most arguments of a call, results of a `return` and values of an assignment.
pub(super) const MAX_ARGUMENTS: usize = 100;

impl Checker<'_> {
    /// A list of expressions, of which the last may have any number of values.
    pub(super) fn expressions<'e>(
        &mut self,
        list: impl Iterator<Item = &'e Expression>,
    ) -> Vec<Expr> {
        let mut out = Vec::new();
        for expression in list {
            if out.len() == MAX_ARGUMENTS {
                let message = format!("more than {MAX_ARGUMENTS} values in one list");
                self.refuse(Rule::CAPACITY, span(expression), message, "use a table");
                break;
            }
            out.push(self.expression(expression));
        }
        out
    }

    pub(super) fn expression(&mut self, expression: &Expression) -> Expr {
        match expression {
            Expression::BinaryOperator { lhs, binop, rhs } => self.binary(lhs, binop, rhs),
            Expression::UnaryOperator { unop, expression } => self.unary(unop, expression),
            Expression::Parentheses { expression, .. } => match self.expression(expression) {
                call if call.is_open() => Expr::First(Box::new(call)),
                other => other,
            },
            Expression::Function(function) => {
                let place = span(function.function_token());
                Expr::Closure(Box::new(self.nested_function(function.body(), None, place)))
            }
            Expression::FunctionCall(call) => self.call(call),
            Expression::TableConstructor(table) => self.table(table),
            Expression::Number(token) => self.number(token),
            Expression::String(token) => self.string(token),
            Expression::Symbol(token) => self.symbol(token),
            Expression::Var(Var::Name(token)) => self.name(token),
            Expression::Var(Var::Expression(var)) => {
                self.chain(var.prefix(), &var.suffixes().collect::<Vec<_>>())
            }
            other => {
                let place = span(other);
                self.refuse(Rule::SYNTAX, place, "this is not part of the language", "");
                Expr::Nil
            }
        }
    }

    fn symbol(&mut self, token: &TokenReference) -> Expr {
        match name_of(token).as_str() {
            "nil" => Expr::Nil,
            "true" => Expr::Literal(Value::Bool(true)),
            "false" => Expr::Literal(Value::Bool(false)),
            "..." => {
                let help = "name the parameters, or take a table";
                self.refuse(
                    Rule::VARARGS,
                    span(token),
                    "there are no variable arguments",
                    help,
                );
                Expr::Nil
            }
            other => {
                let message = format!("`{other}` is not a value");
                self.refuse(Rule::SYNTAX, span(token), message, "");
                Expr::Nil
            }
        }
    }

    fn number(&mut self, token: &TokenReference) -> Expr {
        match literal::number(&name_of(token)) {
            Ok(value) => Expr::Literal(value),
            Err(problem) => {
                let help = "numbers are 64-bit integers and decimals of at most 28 digits";
                self.refuse(Rule::NUMBER, span(token), problem.message(), help);
                Expr::Nil
            }
        }
    }

    fn string(&mut self, token: &TokenReference) -> Expr {
        Expr::Literal(Value::Text(self.text(token)))
    }

    /// The text of a string token.
    fn text(&mut self, token: &TokenReference) -> String {
        let TokenType::StringLiteral {
            literal,
            quote_type,
            ..
        } = token.token_type()
        else {
            return String::new();
        };
        if *quote_type == StringLiteralQuoteType::Brackets {
            return literal::long_string(literal.as_str());
        }
        literal::quoted_string(literal.as_str()).unwrap_or_else(|problem| {
            let help = "write the character itself, or `\\u{…}`; bytes are no text";
            self.refuse(Rule::STRING, span(token), problem.message(), help);
            String::new()
        })
    }

    fn unary(&mut self, op: &UnOp, operand: &Expression) -> Expr {
        let place = span(op.token());
        let inner = self.expression(operand);
        let op = match op {
            UnOp::Minus(_) => Unary::Negate,
            UnOp::Not(_) => Unary::Not,
            UnOp::Hash(_) => Unary::Length,
            _ => {
                self.refuse(Rule::OPERATOR, place, "there are no bit operations", "");
                return Expr::Nil;
            }
        };
        if op == Unary::Negate
            && let Some(negated) = inner.negated_literal()
        {
            return negated;
        }
        let at = self.node(place);
        Expr::Unary {
            at,
            op,
            operand: Box::new(inner),
        }
    }

    fn binary(&mut self, lhs: &Expression, op: &BinOp, rhs: &Expression) -> Expr {
        let place = span(op.token());
        match op {
            BinOp::And(_) => return self.choice(Choice::And, lhs, rhs),
            BinOp::Or(_) => return self.choice(Choice::Or, lhs, rhs),
            _ => {}
        }
        let (left, right) = (self.expression(lhs), self.expression(rhs));
        let op = match name_of(op.token()).as_str() {
            ".." => return self.concat(place, left, right),
            "^" => {
                let help = "multiply: `x * x`; for a square root write `decimal.sqrt(x)`";
                self.refuse(Rule::OPERATOR, place, "there is no power operator", help);
                return Expr::Nil;
            }
            text => Binary::named(text),
        };
        let Some(op) = op else {
            let help = "use `+ - * // %` on integers";
            self.refuse(Rule::OPERATOR, place, "there are no bit operations", help);
            return Expr::Nil;
        };
        let at = self.node(place);
        Expr::Binary {
            at,
            op,
            left: Box::new(left),
            right: Box::new(right),
        }
    }

    /// `(a or b) or c`, which is how the parser reads `a or b or c`, is one node of three parts.
    fn choice(&mut self, op: Choice, lhs: &Expression, rhs: &Expression) -> Expr {
        let mut parts = vec![rhs];
        let mut first = lhs;
        while let Expression::BinaryOperator { lhs, binop, rhs } = first
            && matches!(
                (op, binop),
                (Choice::And, BinOp::And(_)) | (Choice::Or, BinOp::Or(_))
            )
        {
            parts.push(rhs);
            first = lhs;
        }
        parts.push(first);
        let parts = parts
            .into_iter()
            .rev()
            .map(|part| self.expression(part))
            .collect();
        Expr::Choice { op, parts }
    }

    /// `a .. (b .. c)`, which is how the parser reads `a .. b .. c`, is one node of three parts.
    fn concat(&mut self, place: Span, left: Expr, right: Expr) -> Expr {
        let at = self.node(place);
        let mut parts = vec![left];
        match right {
            Expr::Concat { parts: more, .. } => parts.extend(more),
            other => parts.push(other),
        }
        Expr::Concat { at, parts }
    }

    fn table(&mut self, table: &TableConstructor) -> Expr {
        let at = self.node(span(table.braces().tokens().0));
        let mut items = Vec::new();
        for field in table.fields() {
            items.push(match field {
                Field::NoKey(value) => Item::Next(self.expression(value)),
                Field::NameKey { key, value, .. } => Item::Keyed(
                    Expr::Literal(Value::Text(name_of(key))),
                    self.expression(value),
                ),
                Field::ExpressionKey { key, value, .. } => {
                    let key = self.expression(key);
                    Item::Keyed(key, self.expression(value))
                }
                _ => continue,
            });
        }
        Expr::Table { at, items }
    }

    pub(super) fn call(&mut self, call: &FunctionCall) -> Expr {
        self.chain(call.prefix(), &call.suffixes().collect::<Vec<_>>())
    }

    /// A prefix with what follows it: `a.b[c](d):e()`.
    pub(super) fn chain(&mut self, prefix: &Prefix, suffixes: &[&Suffix]) -> Expr {
        let (mut value, rest) = match prefix {
            Prefix::Name(token) => self.library_member(token, suffixes),
            Prefix::Expression(expression) => (self.expression(expression), suffixes),
            _ => (Expr::Nil, suffixes),
        };
        for suffix in rest {
            value = self.suffix(value, suffix);
        }
        value
    }

    fn suffix(&mut self, value: Expr, suffix: &Suffix) -> Expr {
        match suffix {
            Suffix::Index(index) => {
                let (place, key) = self.key(index);
                let at = self.node(place);
                Expr::Index {
                    at,
                    object: Box::new(value),
                    key: Box::new(key),
                }
            }
            Suffix::Call(Call::AnonymousCall(arguments)) => {
                let at = self.node(span(suffix));
                let arguments = self.arguments(arguments);
                Expr::Call {
                    at,
                    callee: Box::new(value),
                    arguments,
                }
            }
            Suffix::Call(Call::MethodCall(method)) => {
                let place = span(method.name());
                let callee = self.method(place, &name_of(method.name()));
                let at = self.node(place);
                let mut arguments = vec![value];
                arguments.extend(self.arguments(method.args()));
                Expr::Call {
                    at,
                    callee: Box::new(callee),
                    arguments,
                }
            }
            other => {
                self.refuse(
                    Rule::SYNTAX,
                    span(other),
                    "this is not part of the language",
                    "",
                );
                Expr::Nil
            }
        }
    }

    /// Place and value of the key of an index.
    pub(super) fn key(&mut self, index: &Index) -> (Span, Expr) {
        match index {
            Index::Dot { name, .. } => (span(name), Expr::Literal(Value::Text(name_of(name)))),
            Index::Brackets {
                expression,
                brackets,
            } => (span(brackets.tokens().0), self.expression(expression)),
            _ => (Span::default(), Expr::Nil),
        }
    }

    fn arguments(&mut self, arguments: &FunctionArgs) -> Vec<Expr> {
        match arguments {
            FunctionArgs::Parentheses { arguments, .. } => self.expressions(arguments.iter()),
            FunctionArgs::String(token) => vec![self.string(token)],
            FunctionArgs::TableConstructor(table) => vec![self.table(table)],
            _ => Vec::new(),
        }
    }

    /// `text:upper()` is `string.upper(text)`; no other values have methods.
    fn method(&mut self, place: Span, name: &str) -> Expr {
        match Library::named(&format!("string.{name}")) {
            Some(function) => Expr::Library(function),
            None => {
                let message = format!("there is no method `{name}`");
                let help = names::absent_member("string", name)
                    .unwrap_or("only texts have methods: write a function and call `f(t)`");
                self.refuse(Rule::METHOD, place, message, help);
                Expr::Nil
            }
        }
    }

    /// The value that a chain begins with, and the suffixes that are left.
    fn library_member<'s>(
        &mut self,
        token: &TokenReference,
        suffixes: &'s [&'s Suffix],
    ) -> (Expr, &'s [&'s Suffix]) {
        let table = name_of(token);
        let shadowed = self.scopes.lookup(&table).is_some() || self.top.contains_key(&table);
        if !Library::is_table(&table) || shadowed {
            return (self.name(token), suffixes);
        }
        let Some((Suffix::Index(Index::Dot { name, .. }), rest)) = suffixes.split_first() else {
            return (self.name(token), suffixes);
        };
        (self.member(&table, name), rest)
    }

    fn member(&mut self, table: &str, name: &TokenReference) -> Expr {
        let member = name_of(name);
        match (table, member.as_str()) {
            ("math", "maxinteger") => return Expr::Literal(Value::Integer(i64::MAX)),
            ("math", "mininteger") => return Expr::Literal(Value::Integer(i64::MIN)),
            _ => {}
        }
        let full = format!("{table}.{member}");
        if let Some(function) = Library::named(&full) {
            return Expr::Library(function);
        }
        let known = Library::ALL
            .iter()
            .filter_map(|f| f.name().strip_prefix(table)?.strip_prefix('.'));
        let help = match names::absent_member(table, &member) {
            Some(help) => help.to_owned(),
            None => names::closest(&member, known)
                .map(|near| format!("did you mean `{table}.{near}`?"))
                .unwrap_or_default(),
        };
        let message = format!("`{full}` does not exist");
        self.refuse(Rule::ABSENT_NAME, span(name), message, &help);
        Expr::Nil
    }

    pub(super) fn name(&mut self, token: &TokenReference) -> Expr {
        let name = name_of(token);
        match self.scopes.lookup(&name) {
            Some(Found::Local(slot)) => return Expr::Local(slot),
            Some(Found::Captured(index)) => return Expr::Captured(index),
            Some(Found::Itself) => return Expr::Itself,
            None => {}
        }
        match self.top.get(&name) {
            Some(Top::Constant(index)) => return Expr::Constant(*index),
            Some(Top::Function(index)) => return Expr::Function(*index),
            Some(Top::Library(function)) => return Expr::Library(*function),
            None => {}
        }
        if name == "null" {
            return Expr::Literal(Value::Null);
        }
        if let Some(function) = Library::named(&name) {
            return Expr::Library(function);
        }
        self.unknown(&name, span(token));
        Expr::Nil
    }

    fn unknown(&mut self, name: &str, place: Span) {
        if Library::is_table(name) {
            let message = format!("the library `{name}` is no value");
            let help = format!("name the function: `{name}.…`");
            return self.refuse(Rule::LIBRARY_VALUE, place, message, &help);
        }
        if matches!(name, "dpairs" | "ipairs") {
            let message = format!("`{name}` stands only in a `for`");
            let help = format!("write `for key, value in {name}(t) do`");
            return self.refuse(Rule::GENERIC_FOR, place, message, &help);
        }
        if let Some(help) = names::absent(name) {
            let message = format!("`{name}` does not exist");
            return self.refuse(Rule::ABSENT_NAME, place, message, help);
        }
        let help = self.near(name).map_or_else(
            || "declare it: `local` in this function, or at the top level as a constant".to_owned(),
            |near| format!("did you mean `{near}`?"),
        );
        self.refuse(
            Rule::UNKNOWN_NAME,
            place,
            format!("unknown name `{name}`"),
            &help,
        );
    }

    /// The visible name that is most like `name`.
    fn near(&self, name: &str) -> Option<String> {
        let locals = self.scopes.functions.iter().flat_map(|scope| &scope.locals);
        let globals = Library::ALL
            .iter()
            .map(|f| f.name())
            .filter(|n| !n.contains('.'));
        let known = locals
            .map(|local| local.name.as_str())
            .chain(self.top.keys().map(String::as_str))
            .chain(globals);
        names::closest(name, known).map(str::to_owned)
    }
}
