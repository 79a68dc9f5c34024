--# case grouping
--# event {"type": "measurement", "payload": {"species": "Adelie", "mass": 1.1}}
--# event {"type": "note", "payload": {"text": "rain"}}
--# event {"type": "measurement", "payload": {"species": "Gentoo", "mass": 3}}
--# event {"type": "measurement", "payload": {"species": "Adelie", "mass": 2.2}}
--# root bafyreic5qp2ywyw5uv7kf6u5mfh7lejlnich3vhfl7mdyxknjyvlbe5f74
--# fuel 152 20 102 141
--# state {"n":0,"groups":{"Adelie":{"n":2,"sum":3.3,"mean":1.65},"Gentoo":{"n":1,"sum":3,"mean":3}}}
local LIMIT = 10                       -- top-level locals are constants (tables frozen)
local function mean(sum, n) return sum / n end
function initial() return { n = 0, groups = {} } end   -- optional; default {}
function fold(state, event)            -- event = {type, ulid, actor, payload, ts?, index}
  if event.type ~= "measurement" then return state end
  local p = event.payload
  local g = state.groups[p.species] or { n = 0, sum = 0 }
  g.n = g.n + 1; g.sum = g.sum + p.mass; g.mean = mean(g.sum, g.n)
  state.groups[p.species] = g
  return state
end

--# case the same program, written otherwise
--# event {"type": "measurement", "payload": {"species": "Adelie", "mass": 1.1}}
--# root bafyreic5qp2ywyw5uv7kf6u5mfh7lejlnich3vhfl7mdyxknjyvlbe5f74
--# fuel 152
--# state {"n":0,"groups":{"Adelie":{"n":1,"sum":1.1,"mean":1.1}}}
local BOUND=10
--[==[ a
long comment ]==]
local function average(total, count) return (total) / count; end
function initial()
  return {n=0,groups={}}
end
function fold(s, e)
  if e["type"] ~= 'measurement' then return s end
  local m = e.payload
  local group = s.groups[m.species] or {n=0x0, sum=0.0,}
  group.n = group.n + 1
  group.sum = group.sum + m.mass
  group.mean = average(group.sum, group.n);
  s.groups[m.species] = group
  return s
end

--# case no events
--# root bafyreieyslhkzsrbxdrqtl4ibl7ymvlnw2w6e5b5m6u6cgls6yweuwfeci
--# fuel 
--# state {}
function fold(state, event) return state end

--# case a start state
--# start {"n": 41}
--# event {}
--# root bafyreiazqpkpygooj2ecr52sk3mlc7odijdaeui5uwomu673mfhzupwxk4
--# fuel 16
--# state {"n":42}
function initial() return { n = 0 } end
function fold(state, event) state.n = state.n + 1 return state end

--# case truth
--# event {"payload": null}
--# root bafyreib3db3d5u2dkispwkecagyxd5zykwhukfrrw3i6e6iqrpmzzv6ddm
--# fuel 105
--# state {"nil_is":2,"default":"default","null_is":2,"zero_is":1,"false_is":2,"not_null":true,"empty_text_is":1,"missing_is_nil":true,"payload_is_nil":false,"payload_is_null":true}
function fold(state, event)
  state.nil_is = nil and 1 or 2
  state.null_is = null and 1 or 2
  state.false_is = false and 1 or 2
  state.zero_is = 0 and 1 or 2
  state.empty_text_is = "" and 1 or 2
  state.payload_is_null = event.payload == null
  state.payload_is_nil = event.payload == nil
  state.missing_is_nil = event.missing == nil
  state.not_null = not null
  state.default = event.payload or "default"
  return state
end

--# case equality
--# event {}
--# root bafyreigwbfrz3kfgs3nrb52i6ksmco6qcczdsv4ldjlb2krrlggw433pma
--# fuel 89
--# state {"x":[true,false,true,false,true,true,true,true,false]}
function fold(state, event)
  local a, b = {}, {}
  state.x = { 1 == 1.0, "1" == 1, a == a, a == b, null == null, 0.1 + 0.2 == 0.3, "a" == "a", fold == fold, nil == false }
  return state
end

--# case comparison
--# event {}
--# root bafyreicrjhol5sdbw3ay522xstk3uzqd2pizjixcwa5vr3orlseugikgsq
--# fuel 89
--# state {"x":[true,true,true,false,true,false,true,true,true,true]}
function fold(state, event)
  state.x = { 1 < 2, 2 <= 2, 1.5 > 1, -1 >= 0, "a" < "b", "a" < "B", "" < "a", "é" > "z", "10" < "9", 0.1 < 0.10000000000000000001 }
  return state
end

--# case integers
--# event {}
--# root bafyreibljjurzt52snycdfzl3iyfnftahyzdz3b7bsloildlracqvcwzku
--# fuel 111
--# state {"add":9223372036854775807,"hex":255,"min":-9223372036854775808,"floor":[3,-4,-4,3,0,-9223372036854775808],"remainder":[1,2,-2,-1,0,0]}
function fold(state, event)
  state.add = 9223372036854775806 + 1
  state.floor = { 7 // 2, -7 // 2, 7 // -2, -7 // -2, 0 // 5, math.mininteger // 1 }
  state.remainder = { 7 % 3, -7 % 3, 7 % -3, -7 % -3, 0 % 5, math.mininteger % -1 }
  state.hex = 0xFF
  state.min = -9223372036854775808
  return state
end

--# case decimals
--# event {}
--# root bafyreihq4mzqcv6klgp64xukylw5kel3gcof5ivpeiwvj4ed64snokndum
--# fuel 1299
--# state {"sum":0.3,"root":[1.414213562373095048801688724,4,0.5],"floor":[3,-4,-4,3],"large":9223372036854775808,"integral":[3,1,1000,2,100000000000000000000],"negative":-0.5,"quotient":0.3333333333333333333333333333,"half_even":[0,2,2,0,2.68],"remainder":[1.5,0.5,-0.5,0]}
function fold(state, event)
  state.sum = 0.1 + 0.2
  state.quotient = 1 / 3
  state.half_even = { decimal.round(0.5), decimal.round(1.5), decimal.round(2.5), decimal.round(-0.5), decimal.round(2.675, 2) }
  state.integral = { 6 / 2, 0.5 + 0.5, 1e3, 2.0, 1e20 }
  state.floor = { 7.5 // 2, -7.5 // 2, 7.5 // -2, 0.3 // 0.1 }
  state.remainder = { 7.5 % 2, -7.5 % 2, 7.5 % -2, 0.3 % 0.1 }
  state.root = { decimal.sqrt(2), decimal.sqrt(16), decimal.sqrt(0.25) }
  state.large = math.maxinteger + 0.5 + 0.5
  state.negative = -0.5
  return state
end

--# case precedence
--# event {}
--# root bafyreibm6mnnijya47vpms5dfk3yvu7xabcodl5xnspdj6cpw55ohljfxq
--# fuel 92
--# state {"x":[7,9,-6,false,true,-5,true,"3",6,"yes"]}
function fold(state, event)
  state.x = { 1 + 2 * 3, (1 + 2) * 3, -2 * 3, not 1 == 2, 1 .. 2 == "12", 2 - 3 - 4, 1 < 2 and 2 < 3, 5 - 2 .. "", 7 // 2 * 2, "a" .. "b" == "ab" and "yes" or "no" }
  return state
end

--# case text of numbers
--# event {}
--# root bafyreiaeqpvcdwbbu4rlowuqyvypxxsvg3houiz6nrltokidd2oo6tbz4y
--# fuel 26
--# state {"x":"1|1.5|0|1000|0.1|-9223372036854775808"}
function fold(state, event)
  state.x = 1 .. "|" .. 1.50 .. "|" .. -0.0 .. "|" .. 1e3 .. "|" .. 0.1 .. "|" .. math.mininteger
  return state
end

--# case strings
--# event {}
--# root bafyreifyphd57f4i3c5tytybfxr77xhezos6axjbgddkppcvovcrh6rgcq
--# fuel 46
--# state {"x":["single","double","long\nbracket"," ]] ","tab\tnewline\nquote\"","ABC","é","ab","line\nbreak"]}
function fold(state, event)
  state.x = { 'single', "double", [[
long
bracket]], [==[ ]] ]==], "tab\tnewline\nquote\"", "\65\066\x43", "\u{e9}", "a\z
     b", "line\
break" }
  return state
end

--# case locals and blocks
--# event {}
--# root bafyreih4murf2hknt647zvkdajor5wrn2r2ed6ljzkvz343ao5xobl5gqa
--# fuel 82
--# state {"inner":2,"outer":1,"swapped":[2,1,2],"c_is_nil":true,"shadowed":11}
function fold(state, event)
  local x = 1
  do local x = 2 state.inner = x end
  state.outer = x
  local a, b, c = 1, 2
  state.c_is_nil = c == nil
  local d, e = 1, 2, 3
  a, b = b, a
  state.swapped = { a, b, e }
  local x = x + 10
  state.shadowed = x
  return state
end

--# case assignment evaluates everything first
--# event {}
--# root bafyreicz5l7wceomnfc66oepw32dokmmqc3n6wz2wvgzscycuc772ceroi
--# fuel 47
--# state {"i":2,"t":[99,20,30]}
function fold(state, event)
  local i, t = 1, { 10, 20, 30 }
  i, t[i] = i + 1, 99
  state.i, state.t = i, t
  return state
end

--# case functions with several results
--# event {}
--# root bafyreicuwunmxkpzrri4thnmvnnvygxsxmnaiwfpvjn5tzxur3ytdslpma
--# fuel 209
--# state {"last":[1,1,2],"extra":1,"middle":[1,10],"passed":[1,2],"missing":true,"nothing":{},"adjusted":[1,2,true],"arguments":2,"first_only":[1],"none_is_nil":true}
local function two() return 1, 2 end
local function none() end
local function pass() return two() end
function fold(state, event)
  local a, b, c = two()
  state.adjusted = { a, b, c == nil }
  state.last = { two(), two() }
  state.first_only = { (two()) }
  state.none_is_nil = none() == nil
  state.arguments = math.max(two())
  local d, e = two(), 10
  state.middle = { d, e }
  state.nothing = { none() }
  state.passed = { pass() }
  state.missing = (function(a, b) return b == nil end)(1)
  state.extra = (function(a) return a end)(1, 2)
  return state
end

--# case closures
--# event {}
--# root bafyreifxhfzojgyh4cn4w5qxg7p4tkzbr65y4cyoh3jiiglbzbkpplujwy
--# fuel 566
--# state {"sum":15,"fresh":123,"nested":3,"library":2,"composed":111,"factorial":2432902008176640000}
local function adder(n) return function(m) return n + m end end
function fold(state, event)
  local add = adder(10)
  local compose = function(f, g) return function(x) return f(g(x)) end end
  state.sum = add(5)
  state.composed = compose(add, adder(100))(1)
  local function fact(n) if n <= 1 then return 1 end return n * fact(n - 1) end
  state.factorial = fact(20)
  local function outer(n)
    local function inner(m) if m == 0 then return n end return inner(m - 1) + outer(0) end
    return inner(n)
  end
  state.nested = outer(3)
  local floor = math.floor
  state.library = floor(2.5)
  local fs = 0
  for i = 1, 3 do local f = function() return i end fs = fs * 10 + f() end
  state.fresh = fs
  return state
end

--# case loops
--# event {}
--# root bafyreidgylqib45ykbkaf5uwuqgr3w6g3gdz3bcz3uhmkdgvj4voaoybjm
--# fuel 358
--# state {"out":[1,2,3,10,6,2,9223372036854775806,9223372036854775807,3,6,11,21,31,2,4,6]}
function fold(state, event)
  local out = list()
  for i = 1, 3 do out[#out + 1] = i end
  for i = 10, 1, -4 do out[#out + 1] = i end
  for i = 2, 1 do out[#out + 1] = "never" end
  for i = math.maxinteger - 1, math.maxinteger do out[#out + 1] = i end
  local n = 0
  while n < 10 do n = n + 1 if n == 3 then break end end
  out[#out + 1] = n
  repeat local last = n >= 5 n = n + 1 until last
  out[#out + 1] = n
  for i = 1, 3 do for j = 1, 3 do if j == 2 then break end out[#out + 1] = i * 10 + j end end
  for i = 1, 3 do local i = i * 2 out[#out + 1] = i end
  state.out = out
  return state
end

--# case branches
--# event {}
--# root bafyreiaiup2siykrdqi3bn3rmw4fim2qmeftpxnrkqlrem7xspd2i2nrke
--# fuel 75
--# state {"x":["+","-","0"],"z":1}
local function sign(n) if n > 0 then return "+" elseif n < 0 then return "-" else return "0" end end
function fold(state, event)
  state.x = { sign(5), sign(-5), sign(0) }
  if false then state.y = 1 end
  if nil then elseif true then state.z = 1 end
  return state
end

--# case short circuits
--# event {}
--# root bafyreieeylrgctmgxs2bon2s2eaom6nozqzjrvxbzv7ez2iigesooozb4e
--# fuel 80
--# state {"a":2,"b":2,"x":[false,true,false,3,4]}
local function fail() error("must not run") end
function fold(state, event)
  state.x = { false and fail(), true or fail(), nil == false and fail(), 1 and 2 and 3, nil or false or 4 }
  local a = 1
  a = a and a + 1
  local b = nil
  b = b or a
  state.a, state.b = a, b
  return state
end

--# case going through a table
--# event {}
--# root bafyreia445aigl6pp36poprx6b6gk5wkdorvfhhdbows4ey4vvtgnggrhu
--# fuel 275
--# state {"keys":["-1=y","1=first","2=second","10=x","B=4","a=1","b=2","é=3"],"only":["x","y"],"items":["first","second"]}
function fold(state, event)
  local t = { b = 2, a = 1, ["é"] = 3, B = 4, [10] = "x", [-1] = "y", "first", "second" }
  local keys = list()
  for k, v in dpairs(t) do keys[#keys + 1] = k .. "=" .. v end
  state.keys = keys
  local items = list()
  for i, v in ipairs(t) do items[#items + 1] = v end
  state.items = items
  local only = list()
  for k in dpairs({ x = 1, y = 2 }) do only[#only + 1] = k end
  state.only = only
  return state
end

--# case changing a table while going through it
--# event {}
--# root bafyreih462zrazkcb6xpoxbkancfni2zpht5w7cftne6s4qschqzb4cguy
--# fuel 242
--# state {"n":46,"t":{"a":1,"c":30,"d":4},"seen":["a1","c30"]}
function fold(state, event)
  local t, seen = { a = 1, b = 2, c = 3 }, list()
  for k, v in dpairs(t) do
    seen[#seen + 1] = k .. v
    t.b, t.c, t.d = nil, 30, 4
  end
  state.seen, state.t = seen, t
  local l = { 1, 2, 3 }
  local n = 0
  for i, v in ipairs(l) do n = n + v if i < 5 then l[#l + 1] = 10 end end
  state.n = n
  return state
end

--# case table constructors
--# event {}
--# root bafyreic23c6xqzdqpkq7yldck2v26tyumadkrkd67q4drcf5shyceu5gya
--# fuel 238
--# state {"x":[1,2,4],"y":{"c":2,"d":3,"a b":1},"z":[[1],{"a":[2]}],"many":[1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31,32,33,34,35,36,37,38,39,40]}
function fold(state, event)
  state.x = { 1, 2, [3] = 3, 4 }
  state.y = { ["a b"] = 1, c = 2; d = 3, }
  state.z = { { 1 }, { a = { 2 } } }
  state.many = { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31, 32, 33, 34, 35, 36, 37, 38, 39, 40 }
  return state
end

--# case gaps that are filled
--# event {}
--# root bafyreiabblnpp5k4u5uqj3qkub3q6q3nsbajynw2cw75n2727qz5djqgme
--# fuel 122
--# state {"n":3,"t":["a","b","c"],"u":[1,2,3],"v":[1]}
function fold(state, event)
  local t = {}
  t[3] = "c" t[1] = "a" t[2] = "b"
  state.t, state.n = t, #t
  local u = { 1, nil, 3 }
  u[2] = 2
  state.u = u
  local v = { 1, 2, 3, 4 }
  v[2] = nil v[4] = nil v[3] = nil
  state.v = v
  return state
end

--# case empty lists and maps
--# event {"list": [], "map": {}, "full": [1]}
--# event {"list": [], "map": {}, "full": [1]}
--# root bafyreignlwl24cdgccv5jw6wvglhncwamhpu4uheajyfppg5ljrswjbqqu
--# fuel 204 197
--# state {"map":{},"full":[],"list":[],"mixed":[],"from_event":[[],{}],"emptied_map":{},"emptied_list":[],"list_that_was_a_map":{}}
function fold(state, event)
  state.map = {}
  state.list = list()
  state.from_event = { event.list, event.map }
  local emptied = { 1 }
  emptied[1] = nil
  state.emptied_list = emptied
  local t = { a = 1 }
  t.a = nil
  state.emptied_map = t
  local changed = list()
  changed.a = 1 changed.a = nil
  state.list_that_was_a_map = changed
  local mixed = { 1, a = 1 }
  mixed.a = nil mixed[1] = nil
  state.mixed = mixed
  local full = event.full
  table.remove(full)
  state.full = full
  return state
end

--# case an emptied list of the state stays a list
--# start {"queue": [1]}
--# event {"do": "pop"}
--# event {"do": "nothing"}
--# event {"do": "push"}
--# event {"do": "pop"}
--# root bafyreibblv743rkjyltqwjsckofropzdkjjz4bbkpqakwzkxy5fpp3fx5y
--# fuel 27 20 28 27
--# state {"queue":[]}
function fold(state, event)
  if event["do"] == "pop" then table.remove(state.queue, 1) end
  if event["do"] == "push" then table.insert(state.queue, 2) end
  return state
end

--# case constants
--# event {}
--# root bafyreignjub4hmr4kd6odrev3nnqcgilyz6b53apqlxyhqsicyueykggw4
--# fuel 175
--# state {"x":[0.25,0.5,1,2,2],"copy":{"a":[100,2],"list":[]},"empty":[],"names":["x","y","z"],"original":1}
local RATE = 0.25
local TABLE = { a = { 1, 2 }, list = list() }
local DOUBLE = RATE * 2
local FIRST = TABLE.a[1]
local NAMES = string.split("x,y", ",")
local floor, insert = math.floor, table.insert
local helper = function(x) return floor(x) end
function fold(state, event)
  state.x = { RATE, DOUBLE, FIRST, helper(2.5), #TABLE.a }
  state.copy = TABLE
  state.copy.a[1] = 100
  state.original = TABLE.a[1]
  state.names = NAMES
  insert(state.names, "z")
  state.empty = TABLE.list
  return state
end

--# case a table in two places is two tables after the event
--# event {"n": 1}
--# event {"n": 2}
--# root bafyreibbzw34lbpb3gqlogzbpyfixycggu3dohvzwfzz7sddwyxmlgtx2q
--# fuel 102 30
--# state {"a":{"n":20,"inner":[2]},"b":{"n":10,"inner":[1]},"c":[[1]]}
function fold(state, event)
  if event.n == 1 then
    local t = { n = 1, inner = { 1 } }
    state.a, state.b = t, t
    t.n = 10
    state.c = { t.inner }
  else
    state.a.n = 20
    state.a.inner[1] = 2
  end
  return state
end

--# case a payload that is kept
--# event {"payload": {"samples": [1, 2]}}
--# event {"payload": {"samples": [3]}}
--# root bafyreiefnakupl4pvk2flsihbmpfgocoijlr5wsmqqezwyc532egvwj5kq
--# fuel 55 51
--# state {"all":[{"samples":[1,2]},{"samples":[3]}],"last":[3]}
function initial() return { all = list() } end
function fold(state, event)
  table.insert(state.all, event.payload)
  state.last = event.payload.samples
  return state
end

--# case a table that moves
--# event {"n": 1}
--# event {"n": 2}
--# event {"n": 3}
--# root bafyreifbt36kg32mcvztktxdmwpv5kalgxl6ai7w6qsmeqx7b5mqe4wwhu
--# fuel 42 42 42
--# state {"current":{"n":3,"before":2},"previous":{"n":2,"before":1}}
function initial() return { current = { n = 0 }, previous = {} } end
function fold(state, event)
  state.previous = state.current
  state.current = { n = event.n, before = state.previous.n }
  return state
end

--# case a state that is a part of the last one
--# event {"n": 1}
--# event {"n": 2}
--# root bafyreifjypr7yb3t6jgll44p35xzdcgbqpdczov7oeuqewfk4cklm7pmiq
--# fuel 10 10
--# state {"n":0}
function initial() return { inner = { inner = { n = 0 } } } end
function fold(state, event) return state.inner end

--# case a state that is no table
--# event {"n": 1}
--# event {"n": 2.5}
--# root bafyreidmclpi4ptooxunqvutvt7l4qxab6fldczndtevvwgojf4sqhmala
--# fuel 12 22
--# state 3.5
function initial() return 0 end
function fold(state, event) return state + event.n end

--# case a state that is the event
--# event {"n": 1, "m": [1, {"x": []}]}
--# root bafyreicwkxw5agpwhtrjxfjxxipnmbzo5ryunh4djzcge5gezblagox3e4
--# fuel 24
--# state {"m":[1,{"x":[]}],"n":1}
function fold(state, event) return event end

--# case a state that is a constant
--# event {}
--# event {}
--# root bafyreiec4oai5osrxncfdow6r7xfrrkz2gdz5batnlrnpmg322p7f2zpxa
--# fuel 13 13
--# state {"n":1}
local C = { n = 1 }
function fold(state, event) return C end

--# case deep but not too deep
--# event {}
--# root bafyreifwfd22xxznywv4ac7bll6kowguvcklizb4cn2btwqurcpbuxotpa
--# fuel 933
--# state {"a":{"a":{"a":{"a":{"a":{"a":{"a":{"a":{"a":{"a":{"a":{"a":{"a":{"a":{"a":{"a":{"a":{"a":{"a":{"a":{"a":{"a":{"a":{"a":{"a":{"a":{"a":{"a":{"a":{"a":{"a":{"a":{"a":{"a":{"a":{"a":{"a":{"a":{"a":{"a":{"a":{"a":{"a":{"a":{"a":{"a":{"a":{"a":{"a":{"a":{"a":{"a":{"a":{"a":{}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}
function fold(state, event)
  local t = state
  for i = 1, 54 do t.a = {} t = t.a end
  return state
end

--# case globals call each other
--# event {"again": true}
--# root bafyreieyz42ytamkkaxxmp474a6jfqkqf3ykhdnyoxhe747xait4xqac2u
--# fuel 64
--# state {"n":2,"fresh":0}
function fold(state, event)
  state.n = state.n + 1
  if event.again then return fold(state, {}) end
  state.fresh = initial().n
  return state
end
function initial() return { n = 0 } end

--# case semicolons and comments
--# event {}
--# root bafyreid7nbnrjf2okjwjmf4jtwbhnv7eq7s3rys5qm3sl6nlrxwd24grw4
--# fuel 17
--# state {"n":1}
-- a comment
local function f() return 1 ; end ;
function fold(state, event) --[[ inside ]] state.n = f() ; return state ; end --[=[ end ]=]

--# case shadowed library names
--# event {}
--# root bafyreifvlbgft2fpq6y24smgkn2i5ahwyhnarq3oh4y5vj77vq4whio4f4
--# fuel 56
--# state {"x":[5,7,1],"method":"xx"}
local list = { 1, 2 }
function fold(state, event)
  local type, string = 5, { rep = 7 }
  state.x = { type, string.rep, list[1] }
  state.method = ("x"):rep(2)
  return state
end
