--# case repeating an empty text for ever
--# event {}
--# error E0302 1:45 a text of more than 1048576 bytes
function fold(state, event) state.x = ("x"):rep(1e9) return state end

--# case repeating nothing for ever
--# event {}
--# root bafyreihf26lzts7vfqdc7dxy4t5si6gxazhbtmlnutotqvk4bwvrur354i
--# fuel 16
--# state {"x":""}
function fold(state, event) state.x = string.rep("", math.maxinteger) return state end

--# case an address
--# event {}
--# error E0217 1:52 `string.format`: only %d, %s and %% exist
function fold(state, event) state.x = string.format("%p", {}) return state end

--# case the text of a table
--# event {}
--# error E0215 1:47 argument 1 of `tostring` is a table, not a value that has a text
function fold(state, event) state.x = tostring({}) return state end

--# case the text of a function
--# event {}
--# error E0215 1:47 argument 1 of `tostring` is a function, not a value that has a text
function fold(state, event) state.x = tostring(fold) return state end

--# case a float format
--# event {}
--# error E0217 1:52 `string.format`: only %d, %s and %% exist
function fold(state, event) state.x = string.format("%.14g", 1) return state end

--# case an integer format of a fraction
--# event {}
--# error E0215 1:52 argument 2 of `string.format` is a number, not an integer
function fold(state, event) state.x = string.format("%d", 1.5) return state end

--# case a loop without an end
--# event {}
--# limit-fuel 10000
--# error E0304 1:29 the fuel of one event is used up (10000)
function fold(state, event) while true do end end

--# case a repeat without an end
--# event {}
--# limit-fuel 10000
--# error E0304 1:29 the fuel of one event is used up (10000)
function fold(state, event) repeat until false end

--# case a for without an end
--# event {}
--# limit-fuel 10000
--# error E0304 1:29 the fuel of one event is used up (10000)
function fold(state, event) for i = 1, math.maxinteger do end return state end

--# case a loop in a comparison function
--# event {}
--# limit-fuel 10000
--# error E0304 2:13 the fuel of one event is used up (10000)
function fold(state, event)
  table.sort({ 3, 1, 2 }, function(a, b) while true do end end)
  return state
end

--# case deep recursion
--# event {}
--# error E0301 1:33 calls nest deeper than 1000
local function f(n) return 1 + f(n + 1) end
function fold(state, event) return f(1) end

--# case mutual recursion of globals
--# event {}
--# error E0301 2:40 calls nest deeper than 1000
function initial() return { n = 0 } end
function fold(state, event) return fold(state, event) end

--# case a comparison function that sorts
--# event {}
--# error E0301 3:13 calls nest deeper than 8
local function sort(n)
  local t = { 2, 1 }
  table.sort(t, function(a, b) sort(n + 1) return a < b end)
end
function fold(state, event) sort(1) return state end

--# case length with a gap
--# event {}
--# error E0208 1:66 `#` has no meaning for a table whose integer keys are not 1, 2, 3, …
function fold(state, event) local t = { 1, 2, nil, 4 } state.n = #t return state end

--# case length after a removal
--# event {}
--# error E0208 1:72 `#` has no meaning for a table whose integer keys are not 1, 2, 3, …
function fold(state, event) local t = { 1, 2, 3 } t[2] = nil state.n = #t return state end

--# case length of a map
--# event {}
--# error E0208 1:39 `#` has no meaning for a table with string keys
function fold(state, event) state.n = #{ a = 1 } return state end

--# case length of a mixed table
--# event {}
--# error E0208 1:39 `#` has no meaning for a table with string keys
function fold(state, event) state.n = #{ 1, 2, a = 1 } return state end

--# case length of a number
--# event {}
--# error E0208 1:39 `#` has no meaning for a number
function fold(state, event) state.n = #5 return state end

--# case integer overflow of an addition
--# event {}
--# error E0204 1:55 `+` overflows 64 bits
function fold(state, event) state.n = math.maxinteger + 1 return state end

--# case integer overflow of a subtraction
--# event {}
--# error E0204 1:55 `-` overflows 64 bits
function fold(state, event) state.n = math.mininteger - 1 return state end

--# case integer overflow of a multiplication
--# event {}
--# error E0204 1:55 `*` overflows 64 bits
function fold(state, event) state.n = math.maxinteger * 2 return state end

--# case integer overflow of a negation
--# event {}
--# error E0204 1:65 `-` overflows 64 bits
function fold(state, event) local m = math.mininteger state.n = -m return state end

--# case integer overflow of a division
--# event {}
--# error E0204 1:55 `//` overflows 64 bits
function fold(state, event) state.n = math.mininteger // -1 return state end

--# case integer overflow of an absolute value
--# event {}
--# error E0204 1:47 `math.abs` overflows 64 bits
function fold(state, event) state.n = math.abs(math.mininteger) return state end

--# case zero by zero
--# event {}
--# error E0205 1:41 `/`: division by zero
function fold(state, event) state.n = 0 / 0 return state end

--# case integer division by zero
--# event {}
--# error E0205 1:41 `//`: division by zero
function fold(state, event) state.n = 1 // 0 return state end

--# case remainder by zero
--# event {}
--# error E0205 1:41 `%`: division by zero
function fold(state, event) state.n = 1 % 0 return state end

--# case decimal remainder by zero
--# event {}
--# error E0205 1:43 `%`: division by zero
function fold(state, event) state.n = 1.5 % 0 return state end

--# case decimal overflow
--# event {}
--# error E0205 1:44 `*`: overflow: the number has more than 28 digits before the point
function fold(state, event) state.n = 1e27 * 10.5 return state end

--# case a text and a number
--# event {}
--# error E0203 1:44 `+` needs numbers, not a string and a number
function fold(state, event) state.n = "10" + 1 return state end

--# case a hexadecimal text and a number
--# event {}
--# error E0203 1:46 `+` needs numbers, not a string and a number
function fold(state, event) state.n = "0x10" + 0 return state end

--# case a negated text
--# event {}
--# error E0203 1:39 `-` needs numbers, not a string and a string
function fold(state, event) state.n = -"2" return state end

--# case null in a sum
--# event {"payload": null}
--# error E0203 1:41 `+` needs numbers, not a number and null
function fold(state, event) state.n = 1 + event.payload return state end

--# case comparing a number with a text
--# event {}
--# error E0206 1:41 a number and a string cannot be compared
function fold(state, event) state.n = 1 < "2" return state end

--# case comparing tables
--# event {}
--# error E0206 1:42 a table and a table cannot be compared
function fold(state, event) state.n = {} < {} return state end

--# case comparing nil
--# event {}
--# error E0206 1:47 nil and a number cannot be compared
function fold(state, event) state.n = state.x <= 1 return state end

--# case joining a boolean
--# event {}
--# error E0207 1:43 `..` joins strings and numbers, not a boolean
function fold(state, event) state.n = "x" .. true return state end

--# case joining nil
--# event {}
--# error E0207 1:43 `..` joins strings and numbers, not nil
function fold(state, event) state.n = "x" .. state.y return state end

--# case indexing nil
--# event {}
--# error E0201 1:53 nil has no field `mass`
function fold(state, event) state.n = event.payload.mass return state end

--# case indexing a text
--# event {}
--# error E0201 1:47 a string has no field `len`
function fold(state, event) state.n = ("abc").len return state end

--# case writing into nil
--# event {}
--# error E0201 1:37 nil has no field `b`
function fold(state, event) state.a.b = 1 return state end

--# case calling nil
--# event {}
--# error E0202 1:36 nil cannot be called
function fold(state, event) state.f() return state end

--# case calling a text
--# event {}
--# error E0202 1:34 a string cannot be called
function fold(state, event) ("x")() return state end

--# case a boolean key
--# event {}
--# error E0209 1:34 a table key is an integer or a string, not a boolean
function fold(state, event) state[true] = 1 return state end

--# case a fraction as a key
--# event {}
--# error E0209 1:34 a table key is an integer or a string, not a number
function fold(state, event) state[1.5] = 1 return state end

--# case a table as a key
--# event {}
--# error E0209 1:34 a table key is an integer or a string, not a table
function fold(state, event) state[{}] = 1 return state end

--# case a function as a key
--# event {}
--# error E0209 1:34 a table key is an integer or a string, not a function
function fold(state, event) state[fold] = 1 return state end

--# case nil as a key
--# event {}
--# error E0209 1:34 a table key is an integer or a string, not nil
function fold(state, event) state[nil] = 1 return state end

--# case nil as a key that is read
--# event {}
--# error E0209 1:44 a table key is an integer or a string, not nil
function fold(state, event) state.x = state[nil] return state end

--# case a reserved key
--# event {}
--# error E0210 1:34 the key `$node` begins with `$`, which is reserved
function fold(state, event) state["$node"] = 1 return state end

--# case a function in a table
--# event {}
--# error E0212 1:39 a function cannot be kept in a table
function fold(state, event) local t = { f = fold } return state end

--# case a closure in a list
--# event {}
--# error E0212 1:43 a function cannot be kept in a table
function fold(state, event) local t = list(function() end) return state end

--# case a library function in a table
--# event {}
--# error E0212 1:44 a function cannot be kept in a table
function fold(state, event) local t = {} t.f = math.floor return state end

--# case a function by table.insert
--# event {}
--# error E0212 1:41 a function cannot be kept in a table
function fold(state, event) table.insert({}, fold) return state end

--# case a constant is changed
--# event {}
--# error E0211 2:33 a table of a top-level constant cannot be changed
local C = { a = { b = 1 } }
function fold(state, event) C.a.b = 2 return state end

--# case a constant is changed through a local
--# event {}
--# error E0211 2:42 a table of a top-level constant cannot be changed
local C = { 1, 2, 3 }
function fold(state, event) local c = C c[1] = 2 return state end

--# case a constant is inserted into
--# event {}
--# error E0211 2:41 a table of a top-level constant cannot be changed
local C = { 1, 2, 3 }
function fold(state, event) table.insert(C, 4) return state end

--# case a constant is removed from
--# event {}
--# error E0211 2:41 a table of a top-level constant cannot be changed
local C = { 1, 2, 3 }
function fold(state, event) table.remove(C) return state end

--# case a constant is sorted
--# event {}
--# error E0211 2:39 a table of a top-level constant cannot be changed
local C = { 3, 2, 1 }
function fold(state, event) table.sort(C) return state end

--# case a table in itself
--# event {}
--# error E0213 1:35 a table cannot contain itself
function fold(state, event) state.me = state return state end

--# case a table in its own descendant
--# event {}
--# error E0213 1:64 a table cannot contain itself
function fold(state, event) local a = { b = { c = {} } } a.b.c.d = a return state end

--# case a table inserted into itself
--# event {}
--# error E0213 1:54 a table cannot contain itself
function fold(state, event) local a = {} table.insert(a, a) return state end

--# case an error of the program
--# event {}
--# error E0214 1:34 no such species: 5
function fold(state, event) error("no such species: " .. 5) end

--# case an error that is a table
--# event {}
--# error E0215 1:34 argument 1 of `error` is a table, not a string
function fold(state, event) error({ code = 1 }) end

--# case a failed assertion
--# event {}
--# error E0214 1:35 an event without a payload
function fold(state, event) assert(event.payload, "an event without a payload") return state end

--# case a failed assertion without words
--# event {}
--# error E0214 1:35 assertion failed
function fold(state, event) assert(1 == 2) return state end

--# case too few arguments
--# event {}
--# error E0216 1:39 `string.rep` takes 2 to 3 arguments, not 1
function fold(state, event) string.rep("x") return state end

--# case too many arguments
--# event {}
--# error E0216 1:41 `string.upper` takes 1 argument, not 2
function fold(state, event) string.upper("x", "y") return state end

--# case an argument of another kind
--# event {}
--# error E0215 1:41 argument 1 of `string.upper` is a number, not a string
function fold(state, event) string.upper(5) return state end

--# case a position that is no integer
--# event {}
--# error E0215 1:37 argument 2 of `string.sub` is a number, not an integer
function fold(state, event) ("abc"):sub(1.5) return state end

--# case a split character
--# event {}
--# error E0218 1:46 `string.sub` would split a character
function fold(state, event) state.x = ("aé"):sub(1, 2) return state end

--# case a reversed character
--# event {}
--# error E0218 1:45 `string.reverse` would split a character
function fold(state, event) state.x = ("é"):reverse() return state end

--# case a search with a pattern
--# event {}
--# error E0217 1:47 `string.find`: there are no patterns: the search is plain
function fold(state, event) state.x = ("abc"):find(".", 1, false) return state end

--# case an empty separator
--# event {}
--# error E0217 1:47 `string.split`: the separator is empty
function fold(state, event) state.x = ("abc"):split("") return state end

--# case a comparison function that contradicts itself
--# event {}
--# error E0219 1:39 the comparison function of `table.sort` contradicts itself
function fold(state, event) table.sort({ 1, 2, 3 }, function(a, b) return true end) return state end

--# case a comparison function that changes the list
--# event {}
--# error E0217 3:13 `table.sort`: the comparison function changes the list
function fold(state, event)
  local t = { 3, 2, 1 }
  table.sort(t, function(a, b) t[1] = 9 return a < b end)
  return state
end

--# case sorting different kinds
--# event {}
--# error E0206 1:39 a string and a number cannot be compared
function fold(state, event) table.sort({ 1, "a" }) return state end

--# case unpacking too much
--# event {}
--# error E0303 1:48 more than 200 values at once
function fold(state, event) return table.unpack({}, 1, 1000000) end

--# case inserting outside of the list
--# event {}
--# error E0217 1:41 `table.insert`: the position is outside of the list
function fold(state, event) table.insert({ 1 }, 5, 2) return state end

--# case a loop with a fraction
--# event {}
--# error E0220 1:29 the bound of `for` is a fraction, not an integer
function fold(state, event) for i = 1, 2.5 do end return state end

--# case a loop with a step of zero
--# event {}
--# error E0220 1:29 the step of `for` is 0, not another number
function fold(state, event) for i = 1, 2, 0 do end return state end

--# case a loop over nil
--# event {}
--# error E0215 1:41 argument 1 of `dpairs` is nil, not a table
function fold(state, event) for k, v in dpairs(event.payload) do end return state end

--# case tonumber of what does not fit
--# event {}
--# error E0205 1:47 `tonumber`: overflow: the number has more than 28 digits before the point
function fold(state, event) state.n = tonumber("1e308") return state end

--# case the root of a negative number
--# event {}
--# error E0205 1:51 `decimal.sqrt`: square root of a negative number
function fold(state, event) state.n = decimal.sqrt(-1) return state end

--# case rounding to a fraction of a place
--# event {}
--# error E0215 1:52 argument 2 of `decimal.round` is a number, not an integer
function fold(state, event) state.n = decimal.round(1.25, 0.5) return state end

--# case a state that is nil
--# event {}
--# error E0401 - `state` is nil
function fold(state, event) end

--# case a state that is a function
--# event {}
--# error E0401 - `state` is a function
function fold(state, event) return fold end

--# case a state with a gap
--# event {}
--# error E0401 - `state.samples[3].when` has integer keys that are not 1, 2, 3, …: use string keys, or fill the gaps
function fold(state, event) state.samples = { 1, 2, { when = { [2] = 1 } } } return state end

--# case a state with both kinds of keys
--# event {}
--# error E0401 - `state.samples` has both integer and string keys
function fold(state, event) state.samples = { [1] = 1, a = 1 } return state end

--# case an earlier event leaves a gap that a later one would fill
--# event {"n": 2}
--# event {"n": 1}
--# error E0401 - `state.list` has integer keys that are not 1, 2, 3, …: use string keys, or fill the gaps
function initial() return { list = list() } end
function fold(state, event) state.list[event.n] = true return state end

--# case a state that is nested too deeply
--# event {}
--# error E0401 - `state.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a` is nested too deeply
function fold(state, event)
  local t = state
  for i = 1, 60 do t.a = {} t = t.a end
  return state
end

--# case a state that is nested too deeply from within
--# event {}
--# error E0401 - `state.t[1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1]` is nested too deeply
function fold(state, event)
  local t = {}
  for i = 1, 60 do t = { t } end
  state.t = t
  return state
end

--# case memory of a text that doubles
--# event {}
--# limit-memory 1000000
--# error E0305 3:23 the memory of the fold is used up (1000000 bytes)
function fold(state, event)
  local s = "x"
  while true do s = s .. s end
end

--# case memory of a table that grows
--# event {}
--# limit-memory 1000000
--# error E0305 3:18 the memory of the fold is used up (1000000 bytes)
function fold(state, event)
  local t = {}
  while true do t[#t + 1] = 1 end
end

--# case memory of tables that nest
--# event {}
--# limit-memory 1000000
--# error E0305 3:21 the memory of the fold is used up (1000000 bytes)
function fold(state, event)
  local t = {}
  while true do t = { t } end
end

--# case memory of functions that nest
--# event {}
--# limit-memory 1000000
--# error E0305 - the memory of the fold is used up (1000000 bytes)
local function wrap(f) return function() return f end end
function fold(state, event)
  local f = wrap(1)
  while true do f = wrap(f) end
end

--# case memory of a state that is aliased
--# event {}
--# limit-memory 100000
--# error E0305 - the memory of the fold is used up (100000 bytes)
function initial() return { all = list() } end
function fold(state, event)
  local big = string.rep("x", 10000)
  for i = 1, 100 do state.all[i] = big end
  return state
end

--# case a text longer than a mebibyte
--# event {}
--# error E0302 1:49 a text of more than 1048576 bytes
function fold(state, event) state.x = string.rep("x", 1048577) return state end

--# case a fault of an event that is too large
--# event {"payload": [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20]}
--# limit-fuel 20
--# error E0304 - the fuel of one event is used up (20)
function fold(state, event) return state end
