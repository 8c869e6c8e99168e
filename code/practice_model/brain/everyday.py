"""Families of everyday words: what belongs together in weather, travel, food, health, money, work.

One family a line. They widen the vectors of `embeddings` alone; tools and classes are chosen by
the narrower groups of `thesaurus`.
"""

FAMILIES = """
rain raining rainy downpour drizzle shower pour pouring wet umbrella soaked puddle cloudburst
storm thunder thunderstorm lightning hurricane gale tornado blizzard windy gust hail
snow snowfall snowing sleet icy ice frost freezing frozen slippery blizzard winter
heat heatwave hot scorching boiling sunny sunshine sweltering warm summer
cold chilly freezing frosty cool icy shiver zero
fog foggy mist misty haze cloud cloudy overcast grey
forecast weather outside temperature degrees climate
rome italy italian venice milan florence
paris france french lyon
london england britain british
berlin germany german munich hamburg
madrid spain spanish barcelona
flight fly flying plane aeroplane airplane jet airport airline takeoff landing boarding aboard
luggage suitcase baggage bag backpack pack unpack
holiday vacation trip travel journey getaway tour cruise abroad tourist sightseeing visit
leave depart departure departs exit go head
arrive arrival come reach land
train railway rail station platform locomotive carriage tram subway underground metro
traffic jam congestion blocked road motorway highway street lane detour gridlock
car drive driver vehicle automobile van truck lorry engine motor petrol diesel garage parked
park parking space kerb meter
bike bicycle cycle cyclist pedal helmet
boat ship ferry yacht sail harbour port sea cruise
hotel hostel room reservation lodging guesthouse inn motel accommodation overnight
key keys lock locked unlock door bolt latch
hungry appetite starving eat eating food meal peckish famished
thirsty drink water beverage sip
bread roll rolls loaf bakery baker pastry pastries croissant bun bagel dough
cook cooking fry boil bake roast grill stew oven stove pan pot kitchen recipe chef
breakfast lunch dinner supper brunch snack meal dish
sugar sweet dessert cake chocolate candy sweets cookie biscuit honey
salt pepper spice spicy season herb sauce
vegetable vegetables carrot lettuce salad cabbage cucumber tomato
cheese milk butter cream yoghurt yogurt dairy cow
coffee espresso latte cappuccino cafe barista caffeine tea
wine beer whisky bar pub alcohol drunk hangover
toddler baby infant newborn child kid boy girl son daughter little nursery
mother mum mom mummy father dad daddy parent parents
grandma grandmother granny nana grandpa grandfather grandad grandparents
brother sister sibling twin cousin nephew niece uncle aunt
wife husband spouse partner married marry wedding bride groom marriage divorce engaged
friend friends buddy mate pal neighbour
fever temperature ill sick flu cold cough sneeze unwell poorly virus infection
pain hurt hurts ache aching sore sprain sprained injured injury wound bruise
ankle foot leg knee toe limp shin
arm hand wrist elbow finger shoulder
head headache migraine dizzy
stomach belly nausea vomit indigestion
tooth teeth dentist toothache gum filling
doctor physician nurse surgeon clinic hospital ward patient surgery gp
pill medicine tablet prescription pharmacy drug dose antibiotic vaccine
tired exhausted weary sleepy fatigue drained sleep nap bed yawn rest
broke afford penniless poor poverty bankrupt money cash
salary wage pay payday income raise rise earn earnings bonus payslip
bill invoice charged charge overcharged fee cost receipt
expensive costly pricey dear afford price
cheap bargain inexpensive affordable sale discount reduced
bank account savings deposit withdraw loan overdraft mortgage interest credit debt owe
coin coins note wallet purse cash change
tax taxes revenue levy duty
rent landlord tenant lease flat apartment
quit quits resign resigned resignation notice leave job position post
fired sacked dismissed layoff redundant redundancy unemployed
hire hired recruit recruitment vacancy applicant candidate interview application job
boss manager supervisor superior chief head
colleague coworker team staff employee workforce
meeting appointment conference call agenda discussion
office desk workplace work company firm
deadline due late overdue delay
computer laptop pc desktop machine notebook
freeze froze frozen hang hangs crash crashed stuck unresponsive slow
keyboard mouse screen monitor display
file folder document directory save saved
wifi internet network router connection online broadband
email inbox mail message spam
password login credentials username sign account
virus malware hacker hacked phishing antivirus
program software code app application developer bug
phone mobile smartphone call ring text dial
win won victory beat defeat triumph match game score nil champion
lose lost defeat loss beaten
football soccer goal goalkeeper pitch league striker
tennis racket serve court wimbledon
swim swimming pool swimmer dive
run running runner jog marathon sprint race
gym workout exercise training fitness weights
lawn grass mow mowing mower hedge garden yard
flower flowers rose tulip bouquet blossom bloom petal
tree trees wood forest leaf branch
sink tap faucet drip drips leak leaking pipe plumber plumbing basin
heating radiator boiler warm thermostat heater
lamp light bulb dark bright switch electricity
clean cleaning dust vacuum mop sweep tidy dirty scrub
wash laundry washing dryer detergent clothes
sofa couch armchair cushion chair furniture table
roof ceiling wall floor window
build builder construction brick cement scaffold
dog puppy bark leash hound
cat kitten meow purr
film movie cinema theatre actor screening
boring dull tedious monotonous uninteresting
funny hilarious laugh joke comedy humour amusing
scared afraid frightened fear terrified
angry furious cross mad annoyed rage
happy glad joyful delighted cheerful pleased
sad unhappy miserable upset tearful cry
song sing singer choir tune melody music
exam test quiz study revise revision homework pass grade
school teacher pupil classroom lesson headmaster
book novel read reader author page chapter
shop store mall supermarket checkout basket groceries till
shoes boots sneakers sandals trainers
dress shirt skirt trousers jacket coat jumper sweater
morning dawn sunrise breakfast early
night midnight dark evening late
police officer arrest burglar burglary thief rob robbed robber robbery steal stolen theft
fire flames burning smoke firefighter blaze
accident crash collision collided wreck
letter post envelope stamp postman parcel
birthday party celebrate celebration present gift
"""
