#pragma once
#include "../../concurrentqueue.h"
