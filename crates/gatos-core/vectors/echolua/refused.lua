--# case pairs
--# error E0111 absent-name 1:38 `pairs` does not exist
function fold(state, event) for k in pairs(state) do end return state end

--# case pairs in a local
--# error E0111 absent-name 1:39 `pairs` does not exist
function fold(state, event) local p = pairs return state end

--# case pairs in a constant
--# error E0111 absent-name 1:11 `pairs` does not exist
local p = pairs
function fold(state, event) return state end

--# case pairs out of the table of globals
--# error E0111 absent-name 1:39 `_G` does not exist
function fold(state, event) local p = _G["pairs"] return state end

--# case environment
--# error E0111 absent-name 1:39 `_ENV` does not exist
function fold(state, event) local e = _ENV return state end

--# case environment as a field
--# error E0111 absent-name 1:36 `_ENV` does not exist
function fold(state, event) return _ENV.pairs(state) end

--# case next
--# error E0111 absent-name 1:32 `next` does not exist
function fold(state, event) if next(state) then return state end return state end

--# case load
--# error E0111 absent-name 1:29 `load` does not exist
function fold(state, event) load("return 1")() return state end

--# case load in an argument
--# error E0111 absent-name 2:35 `load` does not exist
local function apply(f, x) return f(x) end
function fold(state, event) apply(load, "return 1") return state end

--# case dofile
--# error E0111 absent-name 1:29 `dofile` does not exist
function fold(state, event) dofile("x") return state end

--# case require
--# error E0111 absent-name 1:11 `require` does not exist
local m = require("m")
function fold(state, event) return state end

--# case string.dump
--# error E0111 absent-name 1:46 `string.dump` does not exist
function fold(state, event) local s = string.dump(fold) return state end

--# case string.dump by key
--# error E0128 library-value 1:39 the library `string` is no value
function fold(state, event) local s = string["dump"](fold) return state end

--# case string.dump as a method
--# error E0127 method 1:45 there is no method `dump`
function fold(state, event) local s = ("x"):dump() return state end

--# case the library as a value
--# error E0128 library-value 1:39 the library `string` is no value
function fold(state, event) local s = string return state end

--# case the library by a computed key
--# error E0128 library-value 1:53 the library `string` is no value
function fold(state, event) local n = "rep"; return string[n]("x", 3) end

--# case setmetatable with __gc
--# error E0111 absent-name 1:29 `setmetatable` does not exist
function fold(state, event) setmetatable({}, { __gc = function() end }) return state end

--# case setmetatable in a table
--# error E0111 absent-name 1:45 `setmetatable` does not exist
function fold(state, event) local t = { m = setmetatable } return state end

--# case getmetatable of a string
--# error E0111 absent-name 1:29 `getmetatable` does not exist
function fold(state, event) getmetatable("").__index = nil return state end

--# case pcall
--# error E0111 absent-name 1:29 `pcall` does not exist
function fold(state, event) pcall(error, "x") return state end

--# case pcall around a loop
--# error E0111 absent-name 1:43 `pcall` does not exist
function fold(state, event) while true do pcall(function() while true do end end) end end

--# case xpcall
--# error E0111 absent-name 1:29 `xpcall` does not exist
function fold(state, event) xpcall(fold, fold) return state end

--# case coroutine
--# error E0111 absent-name 1:29 `coroutine` does not exist
function fold(state, event) coroutine.wrap(function() end)() return state end

--# case coroutine in a local
--# error E0111 absent-name 1:39 `coroutine` does not exist
function fold(state, event) local c = coroutine return state end

--# case rawset
--# error E0111 absent-name 1:29 `rawset` does not exist
function fold(state, event) rawset(state, "x", 1) return state end

--# case collectgarbage
--# error E0111 absent-name 1:39 `collectgarbage` does not exist
function fold(state, event) state.x = collectgarbage("count") return state end

--# case print
--# error E0111 absent-name 1:29 `print` does not exist
function fold(state, event) print(state) return state end

--# case os.time
--# error E0111 absent-name 1:39 `os` does not exist
function fold(state, event) state.t = os.time() return state end

--# case io
--# error E0111 absent-name 1:29 `io` does not exist
function fold(state, event) io.write("x") return state end

--# case debug
--# error E0111 absent-name 1:29 `debug` does not exist
function fold(state, event) debug.getinfo(1) return state end

--# case math.random
--# error E0111 absent-name 1:44 `math.random` does not exist
function fold(state, event) state.r = math.random() return state end

--# case math.huge
--# error E0111 absent-name 1:44 `math.huge` does not exist
function fold(state, event) state.r = math.huge return state end

--# case math.sin
--# error E0111 absent-name 1:44 `math.sin` does not exist
function fold(state, event) state.r = math.sin(1) return state end

--# case math.pi
--# error E0111 absent-name 1:44 `math.pi` does not exist
function fold(state, event) state.r = math.pi return state end

--# case select
--# error E0111 absent-name 1:36 `select` does not exist
function fold(state, event) return select(1, state) end

--# case variable arguments
--# error E0116 varargs 1:18 there are no variable arguments
--# error E0116 varargs 1:30 there are no variable arguments
local function f(...) return ... end
function fold(state, event) return state end

--# case goto
--# error E0115 goto 1:29 there is no `goto`
--# error E0115 goto 1:39 there is no `goto`
function fold(state, event) goto done ::done:: return state end

--# case the power operator
--# error E0117 operator 1:41 there is no power operator
function fold(state, event) state.x = 2 ^ 10 return state end

--# case bit operations
--# error E0117 operator 1:41 there are no bit operations
--# error E0117 operator 1:45 there are no bit operations
--# error E0117 operator 1:49 there are no bit operations
--# error E0117 operator 1:53 there are no bit operations
--# error E0117 operator 1:58 there are no bit operations
function fold(state, event) state.x = 1 & 2 | 4 ~ 8 << 1 >> 2 return state end

--# case bitwise not
--# error E0117 operator 1:39 there are no bit operations
function fold(state, event) state.x = ~1 return state end

--# case an attribute
--# error E0118 attribute 1:37 there are no attributes
function fold(state, event) local x <const> = 1 return state end

--# case to be closed
--# error E0118 attribute 1:37 there are no attributes
function fold(state, event) local x <close> = nil return state end

--# case a pattern
--# error E0127 method 1:46 there is no method `gmatch`
function fold(state, event) for w in ("a b"):gmatch("%a") do end return state end

--# case gsub
--# error E0111 absent-name 1:46 `string.gsub` does not exist
function fold(state, event) state.x = string.gsub("x", "x", "y") return state end

--# case match as a method
--# error E0127 method 1:47 there is no method `match`
function fold(state, event) state.x = state.x:match("x") return state end

--# case a method of a table
--# error E0127 method 1:35 there is no method `add`
function fold(state, event) state:add(1) return state end

--# case a global variable
--# error E0112 global-write 1:29 `count` would be a global variable
function fold(state, event) count = 1 return state end

--# case a global variable that is read
--# error E0110 unknown-name 1:39 unknown name `count`
function fold(state, event) state.n = count return state end

--# case a misspelt local
--# error E0110 unknown-name 1:73 unknown name `speces`
function fold(state, event) local species = event.payload.species state[speces] = 1 return state end

--# case a global function
--# error E0112 global-write 1:10 the only global functions are `fold` and `initial`
function helper() end
function fold(state, event) return state end

--# case a global function inside
--# error E0112 global-write 1:38 a function cannot be a global or a field
function fold(state, event) function helper() end return state end

--# case a function as a field
--# error E0112 global-write 2:10 the only global functions are `fold` and `initial`
local t = {}
function t.f() end
function fold(state, event) return state end

--# case a constant is assigned
--# error E0113 constant-write 2:29 `n` is a constant of the top level
local n = 0
function fold(state, event) n = n + 1 return state end

--# case a constant is assigned in a nested function
--# error E0113 constant-write 2:50 `n` is a constant of the top level
local n = 0
function fold(state, event) local f = function() n = n + 1 end f() return state end

--# case a captured local is assigned
--# error E0114 captured-write 1:75 `n` is assigned here, but a nested function uses its value
function fold(state, event) local n = 0 local f = function() return n end n = 1 state.n = f() return state end

--# case a captured local is assigned inside
--# error E0114 captured-write 1:62 `n` belongs to the function around this one
function fold(state, event) local n = 0 local f = function() n = n + 1 end f() return state end

--# case a captured parameter is assigned
--# error E0114 captured-write 1:29 `state` is assigned here, but a nested function uses its value
function fold(state, event) state = {} return (function() return state end)() end

--# case hidden state between events
--# error E0113 constant-write 2:24 `seen` is a constant of the top level
local seen = {}
local function note(x) seen = x end
function fold(state, event) note(event) return state end

--# case a statement at the top level
--# error E0119 top-level 1:1 only constants (`local NAME = …`) and functions stand at the top level
for i = 1, 3 do end
function fold(state, event) return state end

--# case a call at the top level
--# error E0119 top-level 1:1 only constants (`local NAME = …`) and functions stand at the top level
error("x")
function fold(state, event) return state end

--# case an assignment at the top level
--# error E0119 top-level 1:1 only constants (`local NAME = …`) and functions stand at the top level
x = 1
function fold(state, event) return state end

--# case a return at the top level
--# error E0119 top-level 2:1 only constants (`local NAME = …`) and functions stand at the top level
function fold(state, event) return state end
return fold

--# case no fold
--# error E0120 no-fold 1:1 the program has no global function `fold`
local function f() end

--# case a local fold
--# error E0120 no-fold 1:1 the program has no global function `fold`
local function fold(state, event) return state end

--# case fold twice
--# error E0121 duplicate 2:10 `fold` is defined twice
function fold(state, event) return state end
function fold(state, event) return state end

--# case a constant twice
--# error E0121 duplicate 2:7 `a` is defined twice
local a = 1
local a = 2
function fold(state, event) return state end

--# case too few parameters
--# error E0122 parameters 1:10 `fold` has 2 parameters, not 1
function fold(state) return state end

--# case initial with a parameter
--# error E0122 parameters 1:10 `initial` has 0 parameters, not 1
function initial(x) return {} end
function fold(state, event) return state end

--# case a constant without a value
--# error E0129 constant-expression 1:1 each constant needs one value
local a
function fold(state, event) return state end

--# case a constant of a call
--# error E0129 constant-expression 2:11 a constant is made of literals, tables, operators and library functions
local function f() return 1 end
local a = f()
function fold(state, event) return state end

--# case a constant that fails
--# error E0129 constant-expression 1:11 the constant has no value: E0205: `//`: division by zero
local a = 1 // 0
function fold(state, event) return state end

--# case a constant that is nil
--# error E0129 constant-expression 1:11 the constant has no value: E0401: `constant` is nil
local a = nil
function fold(state, event) return state end

--# case a constant with a gap
--# error E0129 constant-expression 1:11 the constant has no value: E0401: `constant` has integer keys that are not 1, 2, 3, …: use string keys, or fill the gaps
local a = { 1, nil, 3 }
function fold(state, event) return state end

--# case a constant that never ends
--# error E0129 constant-expression 1:11 the constant has no value: E0302: a text of more than 1048576 bytes
local a = string.rep("x", 1000000000)
function fold(state, event) return state end

--# case a constant with a reserved key
--# error E0129 constant-expression 1:11 the constant has no value: E0210: the key `$x` begins with `$`, which is reserved
local a = { ["$x"] = 1 }
function fold(state, event) return state end

--# case a constant that holds a function
--# error E0129 constant-expression 1:11 the constant has no value: E0212: a function cannot be kept in a table
local a = { f = math.floor }
function fold(state, event) return state end

--# case a hexadecimal float
--# error E0123 number 1:39 a hexadecimal number has no fraction or exponent here
function fold(state, event) state.x = 0x.8p1 return state end

--# case a hexadecimal number that is too large
--# error E0123 number 1:39 this hexadecimal number does not fit 63 bits
function fold(state, event) state.x = 0xffffffffffffffff return state end

--# case a number with too many digits
--# error E0123 number 1:39 inexact: the exact result needs more than 28 significant digits (round first)
function fold(state, event) state.x = 0.12345678901234567890123456789 return state end

--# case a number that is too large
--# error E0123 number 1:39 overflow: the number has more than 28 digits before the point
function fold(state, event) state.x = 1e308 return state end

--# case a number that is too small
--# error E0123 number 1:39 underflow: the number needs more than 127 digits after the point
function fold(state, event) state.x = 1e-200 return state end

--# case bytes that are no text
--# error E0124 string 1:39 this string is not UTF-8 text
function fold(state, event) state.x = "\xff" return state end

--# case half a character
--# error E0124 string 1:39 this string is not UTF-8 text
function fold(state, event) state.x = "\u{d800}" return state end

--# case an unknown escape
--# error E0124 string 1:39 this escape sequence does not exist
function fold(state, event) state.x = "\q" return state end

--# case a decimal escape above 255
--# error E0124 string 1:39 this escape sequence does not exist
function fold(state, event) state.x = "\999" return state end

--# case break outside of a loop
--# error E0130 break-outside-loop 1:29 `break` outside of a loop
function fold(state, event) break end

--# case break in a function in a loop
--# error E0130 break-outside-loop 1:64 `break` outside of a loop
function fold(state, event) while true do local f = function() break end end return state end

--# case a for over a table
--# error E0126 generic-for 1:41 `for … in` goes through a table with `dpairs` or `ipairs`
function fold(state, event) for k, v in state do end return state end

--# case a for over a call
--# error E0126 generic-for 2:41 `for … in` goes through a table with `dpairs` or `ipairs`
local function each(t) return t end
function fold(state, event) for k, v in each(state) do end return state end

--# case dpairs as a value
--# error E0126 generic-for 1:39 `dpairs` stands only in a `for`
function fold(state, event) local d = dpairs return state end

--# case dpairs of two things
--# error E0126 generic-for 1:41 `for … in` goes through a table with `dpairs` or `ipairs`
function fold(state, event) for k, v in dpairs(state, event) do end return state end

--# case three loop variables
--# error E0126 generic-for 1:39 there are only a key and a value
function fold(state, event) for a, b, c in dpairs(state) do end return state end

--# case dpairs that is something else
--# error E0126 generic-for 1:58 `for … in` goes through a table with `dpairs` or `ipairs`
function fold(state, event) local dpairs = 1 for a, b in dpairs(state) do end return state end

--# case not Lua
--# error E0101 syntax 1:42 this cannot be read: expected expression after binary operator
function fold(state, event) return state + end

--# case an unfinished string
--# error E0101 syntax 1:39 this cannot be read: the string is not closed on its line
function fold(state, event) state.x = "abc
return state end

--# case an unfinished string with an escape
--# error E0101 syntax 1:39 this cannot be read: the string is not closed on its line
function fold(state, event) state.x = "a\tb
c" return state end

--# case a string that goes on behind two line ends
--# error E0101 syntax 1:39 this cannot be read: the string is not closed on its line
function fold(state, event) state.x = "a\z

   c" return state end

--# case an unfinished comment
--# error E0101 syntax 1:46 this cannot be read: unclosed comment (1:46 to 2:1)
function fold(state, event) return state end --[[ and so on

--# case an unfinished function
--# error E0101 syntax 1:29 this cannot be read: expected `end` to close function body block
--# error E0101 syntax 2:1 this cannot be read: expected `end` to conclude `if`
function fold(state, event) if true then return state

--# case a first line for a shell
--# error E0104 source-text 1:1 a fold program is no script: remove the first line
#!/usr/bin/lua
function fold(state, event) return state end

--# case an assignment to a call
--# error E0101 syntax 1:29 this cannot be read: expected `end` to close function body block
--# error E0101 syntax 1:33 this cannot be read: unexpected token, this needs to be a statement
function fold(state, event) f() = 1 return state end

--# case a backtick, at which the parser panics
--# error E0101 syntax 1:36 this cannot be read: a backtick begins nothing in Lua
function fold(state, event) return `x` end

--# case the integer division of C
--# error E0101 syntax 1:41 this cannot be read: expected expression after binary operator
function fold(state, event) state.x = 1 // return state end

--# case an assignment with an operator
--# error E0101 syntax 1:37 this cannot be read: unexpected expression when looking for a statement
--# error E0101 syntax 1:37 this cannot be read: unexpected token, this needs to be a statement
function fold(state, event) state.x += 1 return state end

--# case continue
--# error E0101 syntax 1:54 this cannot be read: unexpected expression when looking for a statement
--# error E0101 syntax 1:71 this cannot be read: unexpected token, this needs to be a statement
function fold(state, event) for i = 1, 3 do continue end return state end

--# case a type annotation
--# error E0101 syntax 1:20 this cannot be read: expected a `)`
--# error E0101 syntax 1:20 this cannot be read: unexpected token, this needs to be a statement
--# error E0101 syntax 1:34 this cannot be read: expected `=` after name
function fold(state: table, event) return state end

--# case an empty statement
--# error E0101 syntax 1:27 this cannot be read: expected `end` to close function body block
--# error E0101 syntax 1:30 this cannot be read: unexpected token, this needs to be a statement
function fold(state, event) ;; return state end
