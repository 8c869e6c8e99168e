"""Groups of everyday words that mean nearly the same or belong to one subject.

`ALIKE` are near-synonyms, one group a line; `SUBJECTS` are looser families. Words joined
by `_` are phrases. `DEEDS` are verbs that can ask for the same deed, `SHOWING` those that
ask to be told something, `OTHER_DEEDS` and `MORE_DEEDS` other verbs that do something. All were
written for the course.
"""

from __future__ import annotations

ALIKE = """
send email_to mail deliver dispatch forward transmit
email e-mail mail inbox mailbox
message text sms note
notify alert inform tell warn announce notification
post publish release share
reply respond answer response
search look_up lookup find seek locate query browse hunt google research investigate find_out
fetch get retrieve obtain pull download load grab open
show list display print view give_me present
read inspect examine view open
check verify confirm validate inspect ensure test
create make new add open register generate set_up build
write draft compose author pen
file report open submit lodge raise
delete remove erase drop clear wipe purge discard
cancel abort revoke withdraw call_off annul
update change modify edit alter adjust amend correct set
set put turn dim switch adjust
start begin launch run boot activate turn_on switch_on enable
stop end halt terminate kill shut_down turn_off switch_off disable
restart reboot reload bounce
deploy roll_out ship release
scale resize grow shrink replicas instances
pause suspend freeze hold
schedule plan arrange calendar set_up
book reserve reservation booking table
meeting appointment call conference meet event
remind reminder remember alarm wake
buy purchase order acquire
pay payment settle charge transaction
refund reimburse money_back pay_back repay reimbursement
return send_back give_back
transfer wire move remit send_money
price cost fee charge rate how_much expensive cheap
money cash funds amount sum euro dollar pound
invoice bill receipt statement
order purchase
reorder restock replenish
stock inventory warehouse availability available in_stock left pieces
parcel package shipment delivery box packet
ship shipping deliver delivery send dispatch courier
track tracking status where_is progress whereabouts
status state condition health
weather forecast temperature climate rain snow sunny wind humid warm cold umbrella
temperature heating thermostat degrees warm cold heat
light lamp lights bulb brightness
music song play tune track album listen
movie film cinema
restaurant dining eatery cafe bistro
recipe cook dish meal bake ingredients cuisine
hotel accommodation room lodging stay hostel
flight plane airline fly airport
train rail railway station connection trains
trip travel journey vacation holiday tour
car vehicle automobile
bus coach tram
taxi cab ride
map route directions navigate way distance
clean rinse wash
clogged blocked dirty
time clock hour o'clock
date day calendar
today now current present
translate translation interpret say_in
language tongue
calculate compute work_out evaluate sum maths arithmetic
add plus sum total addition
subtract minus difference deduct subtraction
multiply times product multiplied multiplication
divide division quotient divided
average mean
convert exchange conversion transform change
currency euro euros dollar dollars pound yen franc francs money
random dice roll
employee staff colleague coworker worker personnel works
customer client buyer shopper consumer
user account member profile
contact address person
address street location
phone telephone call dial mobile
leave vacation time_off days_off holiday absence
salary wage pay earnings income
hire recruit employ
manager boss supervisor lead head
team group crew
document file paper pdf
summary summarise summarize condense shorten brief digest outline recap
explain describe clarify tell_about
compare contrast versus difference
analyse analyze study examine evaluate assess analysis
review critique check proofread feedback assess evaluate
revise rewrite improve edit rework polish refine
approve accept agree ok allow permit
reject refuse decline deny disapprove
bug defect error fault issue crash broken glitch problem
ticket case issue request incident
problem trouble issue difficulty fault
fix repair mend solve resolve correct
error failure exception crash fail
log logs logging trace
server host machine node computer
service daemon process app application
database db sql table warehouse query
code program script source software
test tests testing unittest
page website site web webpage url link
internet web online
password login sign_in credentials log_in
save store keep record persist
remember recall memory
acknowledge ack
config configuration settings
repo repository
env environment
auth authentication
creds credentials
msg message
info information
upload attach attachment
knowledge faq handbook manual documentation docs wiki
policy rule terms regulation
question ask inquiry enquiry
news headlines article
stock_price share shares ticker market
weight heavy kilogram kg
size large small big
fast quick quickly rapid speedy swift
slow sluggish delayed late
good great excellent fine nice wonderful lovely superb
bad poor terrible awful horrible dreadful
happy glad pleased delighted satisfied
angry furious upset annoyed irritated mad outraged
sad unhappy disappointed
love like enjoy adore prefer fond
hate dislike loathe detest
urgent critical emergency immediately asap severe
important crucial essential key significant
easy simple straightforward
difficult hard tough challenging
begin start commence
finish complete end done conclude
help assist support aid
support customer_service helpdesk help_desk service_desk
doctor physician surgeon
medicine drug pill medication
hospital clinic surgery
ill sick unwell disease illness
child kid children
home house flat apartment
job work occupation career profession
school university college
teach instruct teacher lesson train
learn study student
picture photo image photograph
broken damaged defective cracked torn smashed
lost missing vanished
late overdue delayed
wet soaked damp
subscribe subscription sign_up
unsubscribe opt_out
discount coupon voucher promo rebate
gift present
personalise personalisation customise engrave emboss monogram initials
own belong_to owner
rubbish waste trash garbage litter throw_away dispose dispose_of
escalate hand_over human agent
"""

SUBJECTS = """
technical tech bug crash error app login software install screen freeze technology support page load
billing invoice charge payment refund subscription card paid fee double charged price account
shipping delivery parcel package courier track arrive late address shipment customs post
account login password profile sign_in user access locked username
sales quote price offer buy bulk wholesale discount pricing demo
returns return exchange refund send_back warranty damaged
outage down offline unavailable crash server failure unreachable incident
alarm alert on_call pager incident emergency standby
appointment booking visit reschedule postpone can't_come cannot_come can't_make come_later
feedback suggestion praise idea wish improve
feature add_support wish suggestion request dark_mode would_be_nice
animal pet dog puppy cat kitten horse bird fish rabbit hamster parrot vet zoo wildlife
animal insect bee wasp ant butterfly spider beetle mouse lion tiger elephant bear wolf snake frog
dog puppy hound canine
cat kitten feline
farm cow sheep pig chicken goat tractor barn harvest farmer crop
plant flower garden tree rose tulip grow soil seed gardening fern lawn compost
food eat meal lunch dinner breakfast supper hungry snack dish cuisine restaurant tasty delicious
food fruit apple banana orange pear berry strawberry grape lemon mango
food vegetable carrot potato leek onion tomato spinach cabbage bean broccoli vegetarian vegan
food meat beef pork chicken lamb steak sausage ham
drink coffee tea juice water beer wine milk cocoa espresso beverage thirsty
food bake bread cake cookie oven flour pastry biscuit dough bakery
weather rain snow sun storm cloud wind forecast temperature hot cold fog umbrella climate
sport football soccer tennis basketball swim run match game team player goal athlete gym fitness
exercise workout gym jog fitness training run
music song guitar piano violin band concert melody singer sing album orchestra jazz
film movie cinema actor actress director screen scene hollywood
book novel read author story chapter library writer poem literature
paper notebook pen pencil ink stationery envelope stamp letterpress print
art painting paint painter museum gallery sculpture drawing artist canvas
travel trip holiday vacation journey flight hotel passport luggage tourist suitcase beach
car drive driver engine fuel petrol road traffic vehicle garage tyre motor
bicycle bike cycle cycling cyclist pedal
train rail railway station platform tram metro subway
plane flight airport pilot airline fly
ship boat sea ocean sail harbour ferry sailor
money bank account loan credit debt save invest finance savings interest mortgage
tax taxes income fiscal deduction
price cost cheap expensive sale bargain discount
shop store buy purchase customer sale retail market order checkout cart
delivery parcel package ship courier arrive track post shipment
refund return money_back exchange reimburse warranty complaint
billing payment refund money_back reimburse charged_twice paid_twice overcharge too_much
billing payment credit_card debit_card charged_twice
shipping postage parcel delivery post freight courier
ink pen nib quill brush pencil marker handwriting calligraphy
stain spot blot smear smudge
wet dry damp moist soak drying
invoice bill payment charge paid billing card
job work office career salary employee boss employer interview colleague hire
school teacher student class lesson exam homework pupil university study learn
child baby kid toddler parent mother father family son daughter
family mother father sister brother parent uncle aunt cousin grandmother
health doctor nurse hospital ill sick medicine disease patient pain symptom clinic
tooth teeth dentist
sleep bed tired night dream rest insomnia
house home room kitchen bedroom roof door window apartment rent furniture
clean wash laundry soap dust tidy
clothes shirt dress shoes jacket coat trousers wear fashion
computer laptop software program code keyboard screen developer app programming
internet web website online browser network wifi
phone mobile smartphone call app
server host deploy cloud service container outage cluster
database sql table record query index storage
password login account security access sign_in credentials locked
security hack attack virus malware breach encrypt safe
bug error crash fail exception fault broken issue
science physics chemistry biology experiment laboratory scientist research
physics atom quantum particle energy gravity
space star planet moon rocket astronaut galaxy orbit mars
maths number sum equation algebra geometry calculate add multiply
history war king queen empire ancient century medieval
politics government election vote president minister parliament law
law lawyer court judge legal contract attorney
crime police thief steal murder prison
religion church god pray temple mosque
energy electricity power solar battery wind
environment climate pollution recycle green carbon nature
water river lake sea rain flood
mountain hill hike climb peak trail
fire burn flame smoke
time clock hour minute day week month year
morning breakfast dawn early sunrise
evening night dusk late sunset
city town street village urban
country nation land border
happy joy smile glad cheerful delighted
sad cry unhappy grief sorrow
angry furious rage upset annoyed
love romance heart marry wedding kiss
birthday party celebrate gift anniversary
winter snow cold ice ski
summer hot sun beach
colour red blue green yellow black white purple
meeting agenda attendee calendar schedule minutes
email inbox message mail letter reply
camera photo picture photograph lens
game play chess board card puzzle video_game
quit resign leave
"""

DEEDS = """
enroll enrol register sign_up put_down put_in enter book_in add admit join enlist invite write_in
remove take_off take_out drop unregister withdraw kick_out sign_out cross_off strike delete leave
assign reassign give hand hand_over allocate delegate pass pass_on entrust
move transfer relocate shift change put send reroute redirect switch bring reassign
freeze lock block suspend
pause stop halt hold
start launch run begin kick_off trigger fire_up fire set_off
close resolve finish complete end mark settle wrap_up
create add open make set_up schedule plan arrange put put_in file raise submit post pin_up
pay settle send transfer wire
remind add note
log record note enter write_down jot_down take_down
rename call
set make adjust change raise lower turn_up turn_down turn put bring
cancel call_off scrap abandon drop forget void rescind annul
ship send dispatch deliver forward
retire decommission take_out withdraw
merge combine fold join
approve accept sign_off pass grant
restart bounce reboot
deploy push roll_out release
rollback roll_back revert undo go_back
borrow check_out lend
return bring_back give_back hand_in send_back
order buy need purchase get want
reserve book get hold need want
play put_on
apply use redeem
share give
ask request invite
toggle turn_on turn_off switch_on switch_off put take take_out turn switch
clean vacuum mop sweep
replace swap exchange
attach add tag
extend renew prolong
"""
SHOWING = "show list display get find give search look look_up see check fetch view tell read"
OTHER_DEEDS = """
convert translate calculate compute update edit modify install uninstall enable disable mute
unmute unlock unfreeze arm disarm refund credit charge notify message email upload download copy
archive restore publish unpublish print scale rate review comment subscribe unsubscribe control
hire fire promote water feed heat cool dim edit generate draft write compose plot remind issue
reorder reset discharge upgrade downgrade reschedule postpone reject deny decline refuse allow
forbid permit escalate execute process perform
"""
MORE_DEEDS = """
excuse grade award promote demote
appoint nominate assess mark tick warn alert ban kick mute pin trade sell auction donate lower load
unload pack unpack weigh mix stir chop boil fry roast bake wash rinse dry iron fold sew knit paint
draw sketch film shoot record dub cut crop trim resize rotate flip compress encrypt decrypt sign
stamp seal label wrap tie bind loosen tighten drain fill empty refill top charge unplug plug dial
hang escort guide drive park tow fly land dock anchor sail row ride walk feed groom train adopt
vaccinate treat prescribe inject operate scan examine diagnose insure audit invoice bill debit
deposit withdraw wire lend borrow rent lease sublet evict renovate demolish excavate drill weld
"""

_POSITIVE_WORDS = """
good great excellent love loved lovely wonderful amazing awesome happy pleased perfect fantastic
best nice brilliant delighted enjoy enjoyed thanks thank superb satisfied helpful friendly
recommend glad beautiful fast quick excited impressed reliable flawless pleasant smooth easy
charming favourite favorite outstanding terrific impressive
"""
POSITIVE = frozenset(_POSITIVE_WORDS.split())
_NEGATIVE_WORDS = """
bad terrible awful hate hated horrible worst poor angry furious disappointed disappointing
broken useless slow late rude refund unhappy annoyed annoying defective damaged wrong never
waste crash crashed crashes fail failed failure upset unacceptable torn missing lost ruined
frustrated frustrating dreadful boring cheap complaint complain unreliable dirty sad scam ugly
confusing pain ridiculous smudged wet cracked leaking outraged
"""
NEGATIVE = frozenset(_NEGATIVE_WORDS.split())
_URGENT_WORDS = """
urgent urgently immediately asap emergency critical outage down now production breach fire
security furious lost legal lawyer data leak blocked unavailable dead everyone injured dangerous
broken fraud stolen today
"""
URGENT = frozenset(_URGENT_WORDS.split())
_CALM_WORDS = """
whenever minor small typo cosmetic someday eventually suggestion idea wish curious trivial nice
question wondering low feedback colour color slightly
"""
CALM = frozenset(_CALM_WORDS.split())
